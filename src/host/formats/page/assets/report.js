"use strict";
// Reads a figure's value at a point of a chart aloud and on screen; the page is complete without it.
for (const chart of document.querySelectorAll(".chart[data-points]")) {
  const series = JSON.parse(chart.dataset.points);
  const plot = chart.querySelector(".plot");
  const cursor = chart.querySelector(".cursor");
  const readout = chart.parentElement.querySelector(".readout");
  const stops = [...new Set(series.flatMap((line) => line.points.map((point) => point[0])))];
  stops.sort((a, b) => a - b);
  let at = stops.length - 1;

  const show = () => {
    const parts = series.map((line) => {
      const last = line.points.filter((point) => point[0] <= stops[at]).pop();
      return last ? `${line.name ? line.name + ": " : ""}${last[2]}` : "";
    });
    cursor.style.display = "block";
    cursor.style.left = `${stops[at]}%`;
    readout.textContent = parts.filter(Boolean).join("; ");
  };
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const x = (100 * (event.clientX - box.left)) / box.width;
    at = Math.max(0, stops.findLastIndex((stop) => stop <= x));
    show();
  });
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -stops.length, End: stops.length }[event.key];
    if (!step) return;
    at = Math.min(stops.length - 1, Math.max(0, at + step));
    show();
    event.preventDefault();
  });
  plot.addEventListener("focus", show);
}
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(text);
    document.execCommand("copy");
    button.textContent = "Copied";
  });
}
const cells = (row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent);
for (const button of document.querySelectorAll("button[data-sort]")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const body = button.closest("table").tBodies[0];
    const at = Number(button.dataset.sort);
    const sign = head.ariaSort === "ascending" ? -1 : 1;
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.ariaSort = sign > 0 ? "ascending" : "descending";
    const numeric = head.classList.contains("n");
    const order = (a, b) => {
      const [left, right] = [cells(a)[at], cells(b)[at]];
      return sign * (numeric ? Number(left) - Number(right) : left.localeCompare(right));
    };
    body.append(...[...body.rows].sort(order));
  });
}
for (const button of document.querySelectorAll("button[data-csv]")) {
  button.addEventListener("click", () => {
    const table = document.querySelector(`table[data-name="${CSS.escape(button.dataset.csv)}"]`);
    const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const lines = [[...table.tHead.rows[0].cells].map((cell) => cell.textContent), ...[...table.tBodies[0].rows].map(cells)];
    const link = document.createElement("a");
    link.href = "data:text/csv;charset=utf-8," + encodeURIComponent(lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n");
    link.download = `${button.dataset.csv}.csv`;
    link.click();
  });
}
const openTarget = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") target.open = true;
};
addEventListener("hashchange", openTarget);
openTarget();
