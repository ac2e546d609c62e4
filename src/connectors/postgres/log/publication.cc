#include "connectors/postgres/log/publication.h"

#include <spdlog/spdlog.h>

#include <optional>

#include "connectors/postgres/log/publication_note.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// Statements that are one transaction. Those of the source wait behind an ALTER TABLE that waits,
// so it does not wait for long.
base::Status ExecuteSoon(Connection& control, const model::TableName& table,
                         const std::string& statements) {
  const base::Status done =
      control.Execute("SET LOCAL lock_timeout = '1s'; " + statements).status();
  if (done.ok() || control.last_state() != "55P03") return done;
  return base::Unavailable(
      "{}; table {} is in use by a transaction that does not end, which keeps REPLICA IDENTITY "
      "from "
      "being set",
      done.message(), table.ToString());
}

// What inherits from a table is one of its own.
std::string Published(const Definition& table) {
  return (table.partition_key.empty() ? "ONLY " : "") + QuoteName(table.name);
}

base::Status ExpectLogged(const Connection& control, const std::vector<Definition>& tables,
                          MissingIdentity missing) {
  for (const Definition& table : tables) {
    const bool refuse = missing == MissingIdentity::kRefuse;
    std::string why = refuse ? WhyNotLogged(table) : WhyUnlogged(table);
    if (why.empty()) why = WhyNotPublished(table, missing, control.server_version());
    if (!why.empty()) {
      return base::FailedPrecondition("{}: table {} {}", control.side(), table.name.ToString(),
                                      why);
    }
  }
  return base::OkStatus();
}

}  // namespace

// Tables that get an identity come one by one, so that no two are locked at a time.
base::Status MakePublication(Connection& control, const std::string& name,
                             const std::vector<Definition>& tables, MissingIdentity missing) {
  GODWIT_RETURN_IF_ERROR(ExpectLogged(control, tables, missing));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<PublicationNote> before, ReadNote(control, name));
  PublicationNote note = before.value_or(PublicationNote{});
  note.by_leaf = control.by_leaf();
  std::string create = "CREATE PUBLICATION " + QuoteName(name);
  const char* between = " FOR TABLE ";
  for (const Definition& table : tables) {
    if (!UnidentifiedIn(table).empty()) continue;
    create += between + Published(table);
    between = ", ";
  }
  // Partitions' changes as their own: as those of the table, TRUNCATE of a partition would be left
  // out.
  GODWIT_RETURN_IF_ERROR(control
                             .Execute(fmt::format("DROP PUBLICATION IF EXISTS {}; {}; {}",
                                                  QuoteName(name), create, WriteNote(name, note)))
                             .status());
  for (const Definition& table : tables) {
    const std::vector<Unidentified> unidentified = UnidentifiedIn(table);
    if (unidentified.empty()) continue;
    for (const Unidentified& one : unidentified) note.identities[one.oid] = one.identity;
    GODWIT_RETURN_IF_ERROR(ExecuteSoon(
        control, table.name,
        fmt::format("{}ALTER PUBLICATION {} ADD TABLE {}; {}", SetWholeRows(unidentified),
                    QuoteName(name), Published(table), WriteNote(name, note))));
    spdlog::info("source: table {} has REPLICA IDENTITY FULL while the task goes on",
                 table.name.ToString());
  }
  return base::OkStatus();
}

base::Status DropPublication(Connection& control, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<PublicationNote> note, ReadNote(control, name));
  if (!note) return base::OkStatus();
  if (!note->identities.empty()) {
    // From here on it needs no identities.
    GODWIT_RETURN_IF_ERROR(
        control
            .Execute(fmt::format("ALTER PUBLICATION {} SET (publish = 'insert')", QuoteName(name)))
            .status());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<IdentityBefore> tables,
                            IdentitiesBefore(control, name, note->identities));
    for (const IdentityBefore& table : tables) {
      note->identities.erase(table.oid);
      GODWIT_RETURN_IF_ERROR(ExecuteSoon(
          control, table.name, fmt::format("{}; {}", table.restore, WriteNote(name, *note))));
    }
  }
  return control.Execute("DROP PUBLICATION IF EXISTS " + QuoteName(name)).status();
}

}  // namespace godwit::connectors::postgres
