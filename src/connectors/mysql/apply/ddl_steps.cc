// DdlExecution: DDL that takes several statements here, its own or the operator's.
#include <absl/strings/str_join.h>

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "connectors/mysql/apply/ddl_execution.h"
#include "connectors/mysql/ddl/ddl_text.h"
#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

using connector::DdlOutcome;
using connector::PendingDdl;

constexpr std::string_view kReplaceTheRest =
    "`godwit ddl replace` takes the statements that are left, `godwit ddl skip` is for none";

}  // namespace

base::StatusOr<DdlOutcome> DdlExecution::ExecuteSteps() {
  const bool begun = state_.pending_ddl && state_.pending_ddl->waits_for.empty();
  if (!begun) {
    PendingDdl pending = Pending("");
    if (state_.pending_ddl) pending.replacement = state_.pending_ddl->replacement;
    pending.replacement.resize(pending.replaced);
    for (size_t i = StepsAmong(pending.replacement); i < ddl_.steps.size(); ++i)
      pending.replacement.push_back(ddl_.steps[i].statement);
    GODWIT_RETURN_IF_ERROR(store_.BeginDdl(control_, pending));
    state_.pending_ddl = std::move(pending);
  }
  base::Failpoint("ddl.after_pending");
  GODWIT_RETURN_IF_ERROR(RunStatements(/*own=*/true));
  // Nothing but what it came to when it was begun, whatever it would come to now.
  const bool executed =
      absl::StrJoin(state_.pending_ddl->replacement, ";\n") == state_.pending_ddl->statement;
  return Finish(executed ? DdlOutcome::kExecuted : DdlOutcome::kReplaced);
}

size_t DdlExecution::StepsAmong(const std::vector<std::string>& statements) const {
  size_t count = 0;
  while (count < std::min(statements.size(), ddl_.steps.size()) &&
         statements[count] == ddl_.steps[count].statement)
    ++count;
  return count;
}

bool DdlExecution::IsOfCopied(const std::string& statement) const {
  return std::ranges::any_of(ddl_.steps, [&](const model::DdlChange::Step& step) {
    return step.statement == statement &&
           std::ranges::any_of(ddl_.effects, [&](const model::DdlChange::Effect& effect) {
             return effect.table == step.table && !effect.by_copy.empty();
           });
  });
}

base::StatusOr<DdlOutcome> DdlExecution::Replace() {
  GODWIT_RETURN_IF_ERROR(RunStatements(/*own=*/false));
  return Finish(DdlOutcome::kReplaced);
}

base::Status DdlExecution::RunStatements(bool own) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> executor, OpenExecutor());
  PendingDdl& pending = *state_.pending_ddl;
  while (pending.replaced < pending.replacement.size()) {
    const size_t step = pending.replaced;
    const std::string statement = pending.replacement[step];
    const bool begun = std::exchange(pending.step_begun, false);
    // What is no DDL leaves the catalogue as it is, and is executed again.
    const model::DdlChange objects = ObjectsOf(statement, *executor);
    GODWIT_ASSIGN_OR_RETURN(std::string now, DescribeObjects(control_, objects));
    if (begun && !objects.exchanged.table.empty() && now.ends_with(kUnknownIdentity))
      return HoldUnseen(statement + ": ", kReplaceTheRest);
    if (!begun) GODWIT_RETURN_IF_ERROR(store_.BeginStep(control_, step, now));
    base::Failpoint("ddl.after_step_begun");
    const bool copied = own && IsOfCopied(statement);
    if (!copied && (!begun || objects.repeatable || pending.before == now)) {
      base::Status run = RunOn(*executor, begun ? objects.statement : statement);
      if (!run.ok() && own && rows_are_ahead_ && IsOfRowsAhead(executor->last_error()))
        return base::Status(base::StatusCode::kAlreadyExists, run.message());
      if (!run.ok()) {
        return Failed(run, own ? fmt::format("statement {} of {} of the DDL ({})", step + 1,
                                             pending.replacement.size(), statement)
                               : fmt::format("statement {} of {} of `godwit ddl replace` ({}), "
                                             "in the place of the DDL,",
                                             step + 1, pending.replacement.size(), statement));
      }
    }
    if (own) base::Failpoint("ddl.after_execute");
    base::Failpoint("ddl.after_step");
    GODWIT_RETURN_IF_ERROR(store_.FinishStep(control_, step));
    ++pending.replaced;
  }
  return base::OkStatus();
}

model::DdlChange DdlExecution::ObjectsOf(const std::string& statement,
                                         const Connection& executor) const {
  model::DdlChange objects;
  objects.touched = ddl_.touched;
  objects.touched_schema = ddl_.touched_schema;
  objects.statement = statement;
  const sql::ParseOptions options{.default_schema = ddl_.default_schema,
                                  .flavour = executor.flavour()};
  auto parsed = sql::ParseStatement(statement, options);
  if (!parsed.ok()) return objects;
  if (std::optional<std::string> again = ToRepeat(*parsed, statement, options)) {
    objects.statement = *std::move(again);
    objects.repeatable = true;
  }
  const std::vector<model::TableName> names = sql::TablesOf(*parsed);
  objects.touched.insert(objects.touched.end(), names.begin(), names.end());
  objects.exchanged = sql::ExchangedIn(*parsed);
  return objects;
}

}  // namespace godwit::connectors::mysql
