"use strict";
// A figure's title names the fields of result.json that it comes from.
for (const element of document.querySelectorAll("[data-field], [data-text]")) {
  const { field, text, rule } = element.dataset;
  element.title ||= (rule ? `${rule}: ` : "") + (field ?? text);
}
// Saves rows of cells as a CSV file.
const save = (name, rows) => {
  const quoted = (cell) => (/[",\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
  const link = document.createElement("a");
  link.href = "data:text/csv;charset=utf-8," + encodeURIComponent(rows.map((row) => row.map(quoted).join(",")).join("\n") + "\n");
  link.download = `${name}.csv`;
  link.click();
};
const addSaveButton = (after, name, rows) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "csv";
  button.textContent = "Save as CSV";
  button.addEventListener("click", () => save(name, rows()));
  after.after(button);
};
// Reads a figure's value at a point of a chart aloud and on screen; the page is complete without it.
for (const chart of document.querySelectorAll(".chart[data-points]")) {
  const series = JSON.parse(chart.dataset.points);
  const plot = chart.querySelector(".plot");
  const cursor = chart.querySelector(".cursor");
  const readout = chart.nextElementSibling;
  const stops = [...new Set(series.flatMap((line) => line.points.map((point) => point[0])))];
  stops.sort((a, b) => a - b);
  let at = stops.length - 1;

  const show = () => {
    const parts = series.map((line) => {
      const last = line.points.filter((point) => point[0] <= stops[at]).pop();
      return last ? `${line.name ? line.name + ": " : ""}${last[3]}` : "";
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
  const rows = () => [["series", ...JSON.parse(chart.dataset.names), "text"],
    ...series.flatMap((line) => line.points.map(([, x, y, text, ...shade]) => [line.name, x, y, ...shade, text]))];
  addSaveButton(readout, plot.getAttribute("aria-label").split(/[:;]/)[0], rows);
}
for (const bars of document.querySelectorAll(".bars")) {
  const rows = () => [["name", "value", "text"], ...[...bars.querySelectorAll(".bar-name")].map((bar) => [
    bar.querySelector("b").textContent, bar.querySelector("[data-value]")?.dataset.value ?? "", bar.querySelector(".n").textContent])];
  const head = bars.closest(".card")?.querySelector("h3");
  if (head) addSaveButton(bars.closest(".card").lastElementChild, head.textContent, rows);
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
    save(button.dataset.csv, [[...table.tHead.rows[0].cells].map((cell) => cell.textContent), ...[...table.tBodies[0].rows].map(cells)]);
  });
}
const openTarget = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") target.open = true;
};
addEventListener("hashchange", openTarget);
openTarget();
