#include "connectors/postgres/log/log_hold.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/failpoint.h"
#include "base/text.h"
#include "connector/check_list.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/log/publication.h"
#include "connectors/postgres/log/publication_note.h"
#include "connectors/postgres/log/slot_statements.h"
#include "connectors/postgres/log/visibility.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/snapshot.h"

namespace godwit::connectors::postgres {
namespace {

using wire::postgres::Lsn;
using wire::postgres::ParseLsn;
using wire::postgres::ParseSnapshot;
using wire::postgres::Snapshot;

constexpr int kTellsLoss = 130000, kTellsWhyLost = 170000;

// The snapshot that a new slot begins with sees just what was committed before its place. To be
// read while the connection that made the slot does nothing else.
base::StatusOr<Snapshot> ReadExported(const Server& server, const std::string& id) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server, "source"));
  GODWIT_RETURN_IF_ERROR(connection
                             ->Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                                       "SET TRANSACTION SNAPSHOT " +
                                       QuoteText(id))
                             .status());
  return ReadSnapshot(*connection);
}

// Names of slots are the server's, those of publications the database's.
base::Status ExpectFree(Connection& control, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> others,
      control.Query(fmt::format("SELECT database FROM pg_catalog.pg_replication_slots WHERE "
                                "slot_name = {} AND database IS DISTINCT FROM "
                                "pg_catalog.current_database()",
                                QuoteText(name))));
  if (others.empty()) return base::OkStatus();
  return base::FailedPrecondition(
      "{}: there is a replication slot {} already, for database {}: a task of the same name has "
      "it. Give this one another `name`",
      control.side(), name, others[0][0].value_or("(none)"));
}

// A commit is in the log before others see it, and may stay so for long (synchronous replication).
// `waiting` is a connection that is cancelled where the wait is to end.
base::Status WaitForAll(Connection& control, Connection& waiting, const Snapshot& committed) {
  for (bool told = false;; told = true) {
    GODWIT_RETURN_IF_ERROR(waiting.Execute("SELECT 1").status());
    GODWIT_ASSIGN_OR_RETURN(const Snapshot now, ReadSnapshot(control));
    if (now.SeesAllOf(committed)) return base::OkStatus();
    if (!told) spdlog::info("source: waiting for commits that are in the log and not visible yet");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// And the event triggers, which write what is to come with it.
base::Status ReleaseSlot(Connection& control, const std::string& name) {
  GODWIT_RETURN_IF_ERROR(
      control
          .Query(fmt::format("SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM "
                             "pg_catalog.pg_replication_slots WHERE slot_name = {} AND database = "
                             "pg_catalog.current_database()",
                             QuoteText(name)))
          .status());
  return RemoveCapture(control, name);
}

}  // namespace

std::string HoldName(std::string_view task) {
  constexpr size_t kLongest = 63, kHash = 9;
  std::string name = "godwit_";
  uint32_t hash = 2166136261u;  // FNV-1a
  for (char c : task) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    name += c == '-' || c == '.' ? '_' : c;
  }
  if (name.size() <= kLongest && task.find_first_of("-.") == std::string_view::npos) return name;
  name.resize(std::min(name.size(), kLongest - kHash));
  return name + fmt::format("_{:08x}", hash);
}

base::StatusOr<Lsn> HoldLog(const Server& server, Connection& control, LazyConnection& walsender,
                            const std::string& name, const std::vector<Definition>& tables,
                            MissingIdentity missing, const std::optional<CaptureScope>& capture) {
  GODWIT_RETURN_IF_ERROR(ExpectFree(control, name));
  GODWIT_RETURN_IF_ERROR(ReleaseSlot(control, name));
  // Before the slot: a publication has to be there wherever changes are decoded.
  GODWIT_RETURN_IF_ERROR(MakePublication(control, name, tables, missing));
  base::Failpoint("postgres.after_publication");
  // Transactions that make no message, as they had begun before, have ended when the slot is made.
  if (capture) GODWIT_RETURN_IF_ERROR(InstallCapture(control, name, *capture));
  return walsender.With([&](Connection& connection) -> base::StatusOr<Lsn> {
    // Whoever has ended the other connection before this one was marked, has not ended this one.
    GODWIT_RETURN_IF_ERROR(MarkHolder(connection, name));
    GODWIT_RETURN_IF_ERROR(control.Execute("SELECT 1").status());
    GODWIT_ASSIGN_OR_RETURN(const ResultRow slot,
                            connection.QueryRow(CreateSlot(name, connection.server_version())));
    base::Failpoint("postgres.after_slot");
    const std::optional<Lsn> lsn = ParseLsn(slot[1].value_or(""));
    if (!lsn) return base::Internal("source: a slot at no place");
    GODWIT_ASSIGN_OR_RETURN(const Snapshot committed, ReadExported(server, slot[2].value_or("")));
    // The first statement on the connection lets go of the exported snapshot.
    GODWIT_RETURN_IF_ERROR(WaitForAll(control, connection, committed));
    return *lsn;
  });
}

base::Status ExpectPublished(Connection& connection, const std::string& name,
                             const std::vector<uint32_t>& tables) {
  if (tables.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format(
          "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
          "ON n.oid = c.relnamespace WHERE c.oid = ANY('{{{}}}'::pg_catalog.oid[]) AND NOT EXISTS "
          "(SELECT FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid "
          "= r.prpubid WHERE p.pubname = {} AND r.prrelid = c.oid) ORDER BY 1, 2",
          fmt::join(tables, ","), QuoteText(name))));
  if (rows.empty()) return base::OkStatus();
  std::vector<std::string> missing;
  for (const ResultRow& row : rows) missing.push_back(TextOf(row[0]) + "." + TextOf(row[1]));
  return base::FailedPrecondition(
      "source: publication {} does not have {}, so that changes are missing: made while the task "
      "began, or taken out of it since. Begin anew with `godwit run --restart`, or leave out by "
      "`tables.exclude`",
      name, connector::Enumerate(missing));
}

base::Status ExpectLeavesPublished(Connection& connection, const std::string& name,
                                   const connector::TableFilter& filter) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format(
          "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
          "ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relispartition AND "
          "c.relpersistence = 'p' AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r JOIN "
          "pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE p.pubname = {} AND r.prrelid = "
          "c.oid) ORDER BY 1, 2",
          QuoteText(name))));
  std::vector<std::string> missing;
  for (const ResultRow& row : rows) {
    if (filter.table(TextOf(row[0]), TextOf(row[1])))
      missing.push_back(TextOf(row[0]) + "." + TextOf(row[1]));
  }
  if (missing.empty()) return base::OkStatus();
  return base::FailedPrecondition(
      "source: {} became a partition since the task began, and with tables.partitions: leaf its "
      "rows are not in what the log tells of the task, nor are those that move there from others. "
      "Copy anew with `godwit run --restart` (with ddl.capture: trigger new ones are followed), or "
      "go on without: leave out by `tables.exclude`",
      connector::Enumerate(missing));
}

base::Status ExpectSamePartitions(Connection& connection, const std::string& name) {
  const bool by_leaf = connection.by_leaf();
  GODWIT_ASSIGN_OR_RETURN(const std::optional<PublicationNote> note, ReadNote(connection, name));
  // An earlier version noted nothing, and had them by root alone.
  if (!note || note->by_leaf.value_or(false) == by_leaf) return base::OkStatus();
  const auto word = [](bool leaf) { return leaf ? "leaf" : "root"; };
  return base::FailedPrecondition(
      "source: the task has begun with tables.partitions: {}, and the task file says {}: what its "
      "tables are cannot change under way. Say {} again, or copy anew with `godwit run --restart`",
      word(!by_leaf), word(by_leaf), word(!by_leaf));
}

base::StatusOr<std::string> DigestOfPublished(Connection& connection, const std::string& name) {
  return connection.QueryValue(fmt::format(
      "SELECT pg_catalog.count(*) || ' ' || coalesce(pg_catalog.md5(pg_catalog.string_agg("
      "pg_catalog.format('%s %I.%I', c.oid, n.nspname, c.relname), ',' ORDER BY c.oid)), '') FROM "
      "pg_catalog.pg_publication p JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid JOIN "
      "pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace WHERE p.pubname = {}",
      QuoteText(name)));
}

base::Status MarkHolder(Connection& connection, const std::string& name) {
  return connection.Execute("SET application_name = " + QuoteText(name)).status();
}

base::Status EndOtherHolders(Connection& control, const std::string& name) {
  constexpr std::chrono::seconds kPatience(5);
  const std::string others = fmt::format(
      "(SELECT active_pid AS pid FROM pg_catalog.pg_replication_slots WHERE slot_name = {0} AND "
      "database = pg_catalog.current_database() UNION SELECT pid FROM pg_catalog.pg_stat_activity "
      "WHERE application_name = {0} AND datname = pg_catalog.current_database()) AS other WHERE "
      "pid <> pg_catalog.pg_backend_pid()",
      QuoteText(name));
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> there,
                            control.Query("SELECT pid FROM " + others));
    if (there.empty()) return base::OkStatus();
    const base::Status told =
        control.Query("SELECT pg_catalog.pg_terminate_backend(pid) FROM " + others).status();
    if (absl::IsUnavailable(told)) return told;
    if (!told.ok() || std::chrono::steady_clock::now() > until) {
      return base::Unavailable(
          "{}: session {}, which an earlier worker has left and which {} is kept by, is still "
          "there: {}",
          control.side(), TextOf(there[0][0]), name,
          told.ok() ? "the server has been told to end it" : std::string(told.message()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

base::Status ReleaseLog(Connection& control, const std::string& name) {
  GODWIT_RETURN_IF_ERROR(ReleaseSlot(control, name));
  return DropPublication(control, name);
}

base::StatusOr<std::vector<std::string>> ListHolds(Connection& control, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      control.Query(fmt::format(
          "SELECT 'replication slot ' || slot_name FROM pg_catalog.pg_replication_slots WHERE "
          "slot_name = {0} AND database = pg_catalog.current_database() UNION ALL SELECT "
          "'publication ' || pubname FROM pg_catalog.pg_publication WHERE pubname = {0}",
          QuoteText(name))));
  std::vector<std::string> holds;
  holds.reserve(rows.size());
  for (ResultRow& row : rows) holds.push_back(row[0].value_or(""));
  GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> capture, ListCapture(control, name));
  holds.insert(holds.end(), capture.begin(), capture.end());
  return holds;
}

base::StatusOr<std::optional<connector::LogHold>> ReadLogHold(Connection& control,
                                                              const std::string& name) {
  // A slot that is lost may have no place any more. Past the limit, until the next checkpoint, what
  // is left to it is less than nothing.
  const bool tells_loss = control.server_version() >= kTellsLoss;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format(
          "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::bigint"
          ", active, {} FROM pg_catalog.pg_replication_slots WHERE slot_name = {} AND database = "
          "pg_catalog.current_database()",
          tells_loss ? "COALESCE(wal_status = 'lost', false), safe_wal_size" : "false, NULL",
          QuoteText(name))));
  if (rows.empty()) return std::optional<connector::LogHold>();
  const ResultRow& row = rows.front();
  const auto bytes = [](const std::optional<std::string>& text) {
    return static_cast<uint64_t>(
        std::max<int64_t>(base::ParseInteger<int64_t>(text.value_or("")).value_or(0), 0));
  };
  connector::LogHold hold;
  hold.name = name;
  hold.retained_bytes = bytes(row[0]);
  hold.in_use = row[1] == "t";
  hold.lost = row[2] == "t";
  if (row[3]) hold.bytes_left = bytes(row[3]);
  return hold;
}

namespace {

// `reason`: pg_replication_slots.invalidation_reason; empty: it is not told.
std::string WhyLost(const std::string& reason) {
  if (reason == "idle_timeout") return "nobody read it for idle_replication_slot_timeout";
  if (reason == "wal_level_insufficient") return "wal_level was less than logical";
  if (reason == "rows_removed")
    return "a standby's slot needs hot_standby_feedback there, and rows were removed without";
  if (!reason.empty() && reason != "wal_removed") return "the server says " + reason;
  return "it was more than max_slot_wal_keep_size";
}

}  // namespace

base::Status ExpectHeld(Connection& control, const std::string& name, Lsn from) {
  const bool tells_loss = control.server_version() >= kTellsLoss;
  const bool tells_why = control.server_version() >= kTellsWhyLost;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format("SELECT confirmed_flush_lsn, {}, {} FROM "
                                "pg_catalog.pg_replication_slots WHERE slot_name = {}",
                                tells_loss ? "wal_status" : "''",
                                tells_why ? "invalidation_reason" : "NULL", QuoteText(name))));
  constexpr std::string_view kWayOut =
      "the changes since then are not to be had; copy anew with `godwit run --restart`";
  if (rows.empty()) {
    return base::FailedPrecondition("source: replication slot {} has gone, which kept the log; {}",
                                    name, kWayOut);
  }
  if (rows[0][1].value_or("") == "lost") {
    return base::FailedPrecondition(
        "source: replication slot {} has lost the log that it kept, as {}; {}", name,
        WhyLost(rows[0][2].value_or("")), kWayOut);
  }
  const Lsn confirmed = ParseLsn(rows[0][0].value_or("")).value_or(0);
  if (confirmed <= from) return base::OkStatus();
  return base::FailedPrecondition(
      "source: replication slot {} is at {}, after where the target stands, {}: somebody else has "
      "read from it; {}",
      name, wire::postgres::LsnText(confirmed), wire::postgres::LsnText(from), kWayOut);
}

}  // namespace godwit::connectors::postgres
