#include "portal/metrics_text.h"

#include <fmt/format.h>

namespace godwit::portal {
namespace {

std::string Escaped(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped.push_back('\\');
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

}  // namespace

void MetricsText::Family(std::string_view name, Kind kind, std::string_view help) {
  name_ = name;
  static constexpr std::string_view kKinds[] = {"gauge", "counter", "histogram"};
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                       kKinds[static_cast<size_t>(kind)]);
}

void MetricsText::Sample(double value, const Labels& labels) { Line("", value, labels); }

void MetricsText::Histogram(const std::vector<std::pair<double, uint64_t>>& buckets, uint64_t count,
                            double sum, const Labels& labels) {
  const auto bucket = [&](std::string bound, uint64_t up_to) {
    Labels with_bound = labels;
    with_bound.emplace_back("le", std::move(bound));
    Line("_bucket", static_cast<double>(up_to), with_bound);
  };
  for (const auto& [bound, up_to] : buckets) bucket(fmt::format("{}", bound), up_to);
  bucket("+Inf", count);
  Line("_sum", sum, labels);
  Line("_count", static_cast<double>(count), labels);
}

void MetricsText::Line(std::string_view suffix, double value, const Labels& labels) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [label, text] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, label, Escaped(text));
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += fmt::format(" {}\n", value);
}

}  // namespace godwit::portal
