#include "connectors/postgres/log/publication.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>

#include "connectors/postgres/log/publication_note.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// Statements that are one transaction. Those of the source wait behind an ALTER TABLE that waits,
// so it does not wait for long.
base::Status ExecuteSoon(Connection& control, const std::string& statements) {
  const base::Status done =
      control.Execute("SET LOCAL lock_timeout = '1s'; " + statements).status();
  if (control.last_state() != "55P03" || done.ok()) return done;
  return base::Unavailable(
      "{}; a table without a replica identity is in use by a transaction that does not end, which "
      "keeps REPLICA IDENTITY from being set",
      done.message());
}

base::StatusOr<std::vector<Unidentified>> ExpectLogged(const Connection& control,
                                                       const std::vector<Definition>& tables,
                                                       MissingIdentity missing) {
  std::vector<Unidentified> unidentified;
  for (const Definition& table : tables) {
    const bool refuse = missing == MissingIdentity::kRefuse;
    if (const std::string why = refuse ? WhyNotLogged(table) : WhyUnlogged(table); !why.empty()) {
      return base::FailedPrecondition("{}: table {} {}", control.side(), table.name.ToString(),
                                      why);
    }
    std::ranges::copy(UnidentifiedIn(table), std::back_inserter(unidentified));
  }
  return unidentified;
}

}  // namespace

base::Status MakePublication(Connection& control, const std::string& name,
                             const std::vector<Definition>& tables, MissingIdentity missing) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<Unidentified> unidentified,
                          ExpectLogged(control, tables, missing));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<PublicationNote> before, ReadNote(control, name));
  std::string create = "CREATE PUBLICATION " + QuoteName(name);
  const char* between = " FOR TABLE ";
  for (const Definition& table : tables) {
    // What inherits from a table is one of its own.
    create +=
        between + std::string(table.partition_key.empty() ? "ONLY " : "") + QuoteName(table.name);
    between = ", ";
  }
  // Partitions' changes as their own: as those of the table, TRUNCATE of a partition would be left
  // out.
  PublicationNote note = before.value_or(PublicationNote{});
  // Those that an earlier one notes have FULL by now.
  for (const Unidentified& table : unidentified) note.identities[table.oid] = table.identity;
  GODWIT_RETURN_IF_ERROR(
      ExecuteSoon(control, fmt::format("DROP PUBLICATION IF EXISTS {}; {}{}; {}", QuoteName(name),
                                       SetWholeRows(unidentified), create, WriteNote(name, note))));
  for (const Unidentified& table : unidentified) {
    spdlog::info("source: table {} has REPLICA IDENTITY FULL while the task goes on",
                 table.name.ToString());
  }
  return base::OkStatus();
}

base::Status DropPublication(Connection& control, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<PublicationNote> note, ReadNote(control, name));
  if (!note) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const std::string restore,
                          RestoreIdentities(control, name, note->identities));
  return ExecuteSoon(control, "DROP PUBLICATION IF EXISTS " + QuoteName(name) + restore);
}

}  // namespace godwit::connectors::postgres
