#include "connectors/postgres/log/hold_generation.h"

#include <optional>

#include "connectors/postgres/log/publication_note.h"

namespace godwit::connectors::postgres {
namespace {

base::Status HeldForLater(const std::string& name, uint64_t kept, uint64_t generation) {
  return base::MakeStatus(
      base::StatusCode::kPermissionDenied,
      "source: {} is held for a later worker, which has taken the task over (its generation is {}, "
      "and this one's {}): it is left alone. If no other cluster has this task, drop the comment "
      "of publication {} and "
      "resume it",
      name, kept, generation, name);
}

}  // namespace

base::Status NoteGeneration(Connection& control, const std::string& name, uint64_t generation) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<PublicationNote> note, ReadNote(control, name));
  if (!note || note->generation == generation) return base::OkStatus();
  if (note->generation > generation) return HeldForLater(name, note->generation, generation);
  note->generation = generation;
  return control.Execute(WriteNote(name, *note)).status();
}

base::Status ExpectNoLater(Connection& control, const std::string& name, uint64_t generation) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<PublicationNote> note, ReadNote(control, name));
  if (!note || note->generation <= generation) return base::OkStatus();
  return HeldForLater(name, note->generation, generation);
}

}  // namespace godwit::connectors::postgres
