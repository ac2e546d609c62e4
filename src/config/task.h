#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/casts.h"
#include "config/endpoint.h"
#include "config/shadow_names.h"
#include "config/table_filter.h"
#include "model/ddl_kind.h"

// The task file: what the user asked for, as values. docs/task-file.md is its reference; a unit
// test holds the two together.
namespace godwit::config {

enum class Mode : uint8_t {
  kMigrate,  // schema, copy, changes
  kCopy,     // schema, copy, end
  kStream,   // changes only, from StreamOptions::start
};
// As the task file writes it: "migrate", "copy", "stream".
std::string_view ModeName(Mode mode);

// What to do with a table or object that the target has already.
enum class IfExists : uint8_t {
  kError,    // refuse to start
  kAppend,   // keep it where its definition is equal, and add rows to it
  kReplace,  // drop it and create it again
};

enum class Consistency : uint8_t {
  kPrefix,  // a reader of the target sees only states that the source went through
  kRow,     // each row by itself does; rows are written by several lanes at once
};

// Where mode `stream` begins: at the source's current position, ...
struct StartNow {
  bool operator==(const StartNow&) const = default;
};
// ... after these transactions (in the source's own notation, which only its connector reads), ...
struct StartGtid {
  std::string gtid;
  bool operator==(const StartGtid&) const = default;
};
// ... or at a byte of a file of the source's log.
struct StartFile {
  std::string file;
  uint64_t offset = 0;  // bytes; at least 4
  bool operator==(const StartFile&) const = default;
};
using StreamStart = std::variant<StartNow, StartGtid, StartFile>;

struct CopyOptions {
  int threads = 4;                             // parallel readers and as many writers, 1 to 64
  uint64_t chunk_bytes = 64ull * 1024 * 1024;  // bytes a chunk aims at, 64 KiB to 4 GiB
  bool operator==(const CopyOptions&) const = default;
};

struct StreamOptions {
  Consistency consistency = Consistency::kPrefix;
  int lanes = 4;  // connections that `row` writes over, 1 to 64; `prefix` writes over one
  std::chrono::milliseconds group_ms{0};  // wait for a group to fill, up to 10 s
  StreamStart start = StartNow{};         // other than StartNow only in mode `stream`
  bool operator==(const StreamOptions&) const = default;
};

// What becomes of a value that a target of another family cannot hold.
enum class Unrepresentable : uint8_t {
  kError,
  kNull,
  kReplace,  // the value that comes nearest
};

struct UnrepresentableOptions {
  Unrepresentable zero_byte = Unrepresentable::kError;     // in text
  Unrepresentable invalid_text = Unrepresentable::kError;  // bytes that are none in their charset
  Unrepresentable invalid_date = Unrepresentable::kError;
  Unrepresentable out_of_range = Unrepresentable::kError;  // of the target's type
  bool operator==(const UnrepresentableOptions&) const = default;
};

// What to do once a source keeps more of its log for the task than it may.
enum class OnMaxSlotWal : uint8_t {
  kWarn,     // say so, and go on
  kStop,     // end the run; what is kept stays
  kRelease,  // end the run, and the keeping: a new copy is needed then
};

struct SlotWalOptions {
  std::optional<uint64_t> most;  // bytes, 1 MiB to 100 TiB; nothing: as much as the source lets it
  OnMaxSlotWal on_most = OnMaxSlotWal::kStop;
  bool operator==(const SlotWalOptions&) const = default;
};

// Large transactions of a PostgreSQL source are read while they are in progress, and wait here for
// their commit.
struct StreamingOptions {
  bool on = true;         // else they are read once they are committed
  std::string spill_dir;  // the folder where they wait; empty: the system's for temporary files
  bool operator==(const StreamingOptions&) const = default;
};

// The log of a MySQL or MariaDB source, kept on this machine as it comes in and read from there.
struct RelayOptions {
  std::string dir;  // the folder; empty: no relay
  // What no task needs goes when it was last written to so long ago, and the oldest of it when all
  // takes more than that, 1 MiB to 100 TiB.
  std::chrono::milliseconds keep = std::chrono::days(1);
  std::optional<uint64_t> max_size;
  bool operator==(const RelayOptions&) const = default;
};

// Objects that are migrated only where asked for. Tables and views always are.
struct ObjectOptions {
  bool triggers = false;
  bool routines = false;
  bool events = false;
  bool sequences = false;
  bool rights = false;  // owners too; only between PostgreSQL servers
  bool operator==(const ObjectOptions&) const = default;
};

// Values that a PostgreSQL database keeps apart from its tables (pg_largeobject), outside of the
// log.
enum class LargeObjects : uint8_t {
  kUndecided,  // an error where the source has any
  kCopy,
  kIgnore,
};

// What a partitioned table of a PostgreSQL source is to a task.
enum class Partitions : uint8_t {
  kRoot,  // one table
  kLeaf,  // each partition that has rows is a table of its own
};

// What becomes of tables of a PostgreSQL source whose rows its log does not tell apart.
enum class WithoutIdentity : uint8_t {
  kRefuse,
  kFull,  // the log has their rows whole, for as long as the task goes on
};

// What to do about a statement of the source that changes definitions.
enum class DdlPolicy : uint8_t {
  kReplicate,  // execute it on the target
  kIgnore,     // leave the target as it is
  kStop,       // end the run before it; the operator decides
};

// How definitions that change are noticed at a source whose log has no DDL.
enum class DdlCapture : uint8_t {
  kNone,     // by what the log says of tables, and by the catalogue
  kTrigger,  // by event triggers of Godwit's own, which write each command to the log
};

struct DdlOptions {
  DdlPolicy policy = DdlPolicy::kReplicate;
  std::map<model::DdlKind, DdlPolicy> events;  // where it is another
  DdlCapture capture = DdlCapture::kNone;      // of a PostgreSQL source
  bool operator==(const DdlOptions&) const = default;
};

// Online schema changes by tools that fill a shadow table and put it in a table's place.
struct OnlineDdlOptions {
  bool on = true;  // followed as the one DDL they amount to; else as the statements they are
  std::vector<std::string> shadow = {"^_(.+)_gho$", "^_(.+)_new$"};
  std::vector<std::string> trash = {"^_(.+)_ghc$", "^_(.+?)(?:_[0-9]{14})?_del$", "^_(.+)_old$"};
  bool operator==(const OnlineDdlOptions&) const = default;
};

struct Task {
  std::string name;  // [a-z0-9_-]{1,64}; required
  Mode mode = Mode::kMigrate;
  Endpoint source;             // required
  Endpoint target;             // required
  SlotWalOptions slot_wal;     // of a PostgreSQL source
  StreamingOptions streaming;  // likewise
  RelayOptions relay;          // of a MySQL or MariaDB source
  IfExists if_exists = IfExists::kError;
  TableFilter tables;  // required; never matches a system schema or meta_schema
  Partitions partitions = Partitions::kRoot;                    // of a PostgreSQL source
  WithoutIdentity without_identity = WithoutIdentity::kRefuse;  // likewise
  CopyOptions copy;
  StreamOptions stream;
  DdlOptions ddl;
  OnlineDdlOptions online_ddl;
  ShadowNames shadow_names;  // of online_ddl; none where it is off
  ObjectOptions objects;
  UnrepresentableOptions on_unrepresentable;
  Casts casts;  // of columns, where the target is of another family than the source
  LargeObjects large_objects = LargeObjects::kUndecided;  // of a PostgreSQL source
  uint64_t memory_limit = 512ull * 1024 * 1024;  // bytes of the whole process, 64 MiB to 1 TiB
  std::string meta_schema = "godwit";  // schema of the target for checkpoints: [A-Za-z0-9_]{1,64}
  std::chrono::milliseconds retry_for{std::chrono::minutes(10)};  // 0 (never) to 7 days

  // What the user should know and need not act on, each "file:line:column: message".
  std::vector<std::string> warnings;
};

// Parses and checks the text of a task file. `file_name` stands in the messages, and its folder is
// the one that relative password files start from. Reads no file and no environment variable.
// The error is kInvalidArgument and lists all that is wrong, in the order of the file, one
// "file:line:column: message" a line. No message holds a password.
absl::StatusOr<Task> ParseTask(std::string_view text, const std::string& file_name);

// The same for the file at `path`; kInvalidArgument also when it cannot be read.
absl::StatusOr<Task> LoadTask(const std::string& path);

}  // namespace godwit::config
