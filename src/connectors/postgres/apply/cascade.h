#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/cascade_walk.h"
#include "connector/destination.h"
#include "connectors/postgres/apply/target_types.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/from_mysql/foreign_rows.h"

namespace godwit::connectors::postgres {

struct CascadeStatement {
  std::string sql;                                     // with $1, $2, ...
  std::vector<std::optional<std::string>> parameters;  // nothing stands for NULL
};
// What does a step. It gives rows where the step reads some: what the columns were in the first
// half, and in the second, where the children are not deleted, what they have become.
// `here`: the child with the types of this server.
CascadeStatement StatementFor(const connector::CascadeStep& step, const model::Table& here,
                              const TargetTypes& types);

// Whether the source may take values of the column for the same that are not so letter by letter:
// by a collation, if only as far as blanks at the end.
bool IsLoose(const model::Column& column);

// Does to the rows that refer to a changed parent what a source of another family did to them
// without logging it: ON DELETE and ON UPDATE CASCADE, SET NULL and SET DEFAULT, through any number
// of generations. The target's own keys do nothing in its session.
//
// Children are found by values that are the same letter by letter. Where the source goes by a
// collation, and the target is in a state that the source was in, a child that refers to nothing
// letter by letter is an error: it may have followed. One thread.
class CascadeApplier {
 public:
  // All is borrowed.
  CascadeApplier(Connection& connection, const TargetTypes& types, ForeignChanges& foreign)
      : connection_(connection), types_(types), foreign_(foreign) {}

  // Those of `segment`, before anything else of it. `strict`: as ApplyMode::kStrict.
  base::Status Apply(const connector::ChangeSegment& segment, bool strict);

 private:
  class Writer;

  base::StatusOr<model::TablePtr> Here(const model::TablePtr& table);
  base::StatusOr<std::vector<connector::KeyChange>> ChangesHere(
      const connector::Cascade& cascade, const connector::ForeignKeyGraph& graph);
  // Of the children that the cascades may reach, that all refer to rows letter by letter.
  base::Status CheckReferences(const connector::ChangeSegment& segment);
  base::Status CheckReferences(const model::Table& parent,
                               const connector::ForeignKeyGraph::Edge& edge);

  Connection& connection_;
  const TargetTypes& types_;
  ForeignChanges& foreign_;
};

}  // namespace godwit::connectors::postgres
