#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

namespace godwit::base {

void StartLogging(const std::string& level) {
  auto logger =
      std::make_shared<spdlog::logger>("godwit", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace godwit::base
