#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::portal {

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

// Metrics in Prometheus's text form. https://prometheus.io/docs/instrumenting/exposition_formats/
class MetricsText {
 public:
  enum class Kind { kGauge, kCounter };
  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  // What follows are its samples; each family is begun once.
  void Family(std::string_view name, Kind kind, std::string_view help);
  void Sample(double value, const Labels& labels = {});

  std::string Take() { return std::move(text_); }

 private:
  std::string text_, name_;
};

}  // namespace godwit::portal
