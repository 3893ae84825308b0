#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/markup.hpp"
#include "formats/page/result_node.hpp"

namespace cugamma::report {

using cugamma::escape;

/// A number as people read it: whole numbers up to 10^12 with thousand separators, others with four
/// significant digits.
std::string readable(double value);

/// Three digits, or more if they are asked for, and what they are multiples of: 12.3 M, 4.56 k,
/// 0.25.
std::string compact(double value, int digits = 3);

/// "12.3 %" of a share.
std::string percent(double share);

/// A number of result.json, marked with its path; "-" where there is none.
std::string figure(const result_node& node, std::string_view unit = "");

/// A number computed from several values of result.json: marked with all their paths and the rule.
std::string derived(double value,
                    std::string_view text,
                    const std::vector<result_node>& sources,
                    std::string_view rule);

/// A text of result.json, marked with its path.
std::string quoted(const result_node& node);

/// <dl> of a single term, for the rows of large figures at the head of a section.
std::string tile(std::string_view term, std::string_view value_html);

/// A titled box.
std::string card(std::string_view title, std::string_view body_html, std::string_view css = "");

/// Cards in columns, each as high as what it holds; a lone one as wide as the page.
std::string side_by_side(const std::string& cards_html);

/// Unit of an objective or metric, by its name: "cycles", "nJ"; empty if it has none.
std::string_view unit_of(std::string_view name);

}  // namespace cugamma::report
