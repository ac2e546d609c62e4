#include "connectors/mysql/check/target_room_check.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <optional>

#include "base/text.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

constexpr std::string_view kName = "room";
constexpr uint64_t kMib = 1ull << 20;
constexpr uint64_t kRoomWorthChecking = 1024 * kMib;
// Of the data: secondary indexes, and pages that are not full.
constexpr uint64_t kRoomPercent = 150;

// Of the file system that holds `folder`, as the server itself says
// (https://mariadb.com/kb/en/disks-plugin/).
std::optional<uint64_t> FreeByPlugin(Connection& target, const std::string& folder) {
  auto rows = target.Query(
      fmt::format("SELECT available * 1024 FROM information_schema.disks WHERE {} LIKE "
                  "CONCAT(TRIM(TRAILING '/' FROM path), '/%') ORDER BY LENGTH(path) DESC LIMIT 1",
                  QuoteText(folder)));
  if (!rows.ok() || rows->empty()) return std::nullopt;
  return base::ParseInteger<uint64_t>((*rows)[0][0].value_or(""));
}

std::optional<uint64_t> FreeOnThisMachine(const Settings& settings, const std::string& folder) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  struct statvfs system;
  if (Setting(settings, "hostname") != host || statvfs(folder.c_str(), &system) != 0) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(system.f_bavail) * system.f_frsize;
}

bool IsBounded(const Settings& settings) {
  const std::string tablespace = Setting(settings, "innodb_data_file_path");
  return Setting(settings, "innodb_file_per_table") == "OFF" &&
         (tablespace.find("autoextend") == std::string::npos ||
          tablespace.find(":max:") != std::string::npos);
}

}  // namespace

void CheckRoom(Connection& target, const Settings& settings, const connector::CheckScope& scope,
               const connector::Catalog& catalog, connector::CheckList& list) {
  if (!scope.copies) return;
  uint64_t bytes = 0;
  for (const connector::CatalogTable& table : catalog.tables) bytes += table.estimated_bytes;
  const uint64_t needed = bytes * kRoomPercent / 100;
  std::string finding = fmt::format("about {} MiB are needed", needed / kMib);
  if (IsBounded(settings)) {
    return list.Warn(kName,
                     fmt::format("{}; tables live in the system tablespace, which is bounded: {}",
                                 finding, Setting(settings, "innodb_data_file_path")),
                     "SET GLOBAL innodb_file_per_table = ON; on the target, or let the tablespace "
                     "grow without :max:");
  }
  const std::string folder = Setting(settings, "datadir");
  std::optional<uint64_t> free = FreeByPlugin(target, folder);
  if (!free) free = FreeOnThisMachine(settings, folder);
  if (!free) {
    if (needed < kRoomWorthChecking) return list.Pass(kName, std::move(finding));
    return list.Warn(kName, finding + "; the server does not say how much is free",
                     fmt::format("see with df that the file system of {} has more, and room for a "
                                 "log if the target writes one; INSTALL SONAME 'disks' lets the "
                                 "server say",
                                 folder));
  }
  finding += fmt::format(", {} MiB are free in {}", *free / kMib, folder);
  if (*free >= needed) return list.Pass(kName, std::move(finding));
  const std::string remedy = "give the target's file system more room, or exclude tables";
  // What is there already, of this task or to be replaced, takes no room again.
  const bool begins = scope.resume_at.empty() && scope.if_exists == connector::IfExists::kError;
  if (begins && *free < bytes / 2) return list.Fail(kName, std::move(finding), remedy);
  list.Warn(kName, std::move(finding), remedy);
}

}  // namespace godwit::connectors::mysql
