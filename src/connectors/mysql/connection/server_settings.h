#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// Global variables by name.
using Settings = std::map<std::string, std::string>;

// Those that the checks look at; what the server does not know is left out.
base::StatusOr<Settings> ReadSettings(Connection& connection);

// Empty where the server does not know it.
std::string Setting(const Settings& settings, std::string_view name);
uint64_t NumberSetting(const Settings& settings, std::string_view name);

// Whether the server's log holds what foreign keys do to rows: where they are not the storage
// engine's work, from MySQL 9.6 on.
bool LogsWhatKeysDo(const Settings& settings);

// Whether the server is of a release line that Godwit is tested with, and in words what it is.
struct Release {
  bool tested = false;
  std::string text;  // "MariaDB 10.11.6"
};
Release ReleaseOf(const Connection& connection);

}  // namespace godwit::connectors::mysql
