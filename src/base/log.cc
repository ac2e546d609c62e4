#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>

namespace godwit::base {

void StartLogging(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("godwit");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace godwit::base
