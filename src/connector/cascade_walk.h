#pragma once

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/table.h"

// What follows what where foreign keys act without the source's log saying so (ForeignKeyGraph):
// the same for all targets, which differ in how they do it.
namespace godwit::connector {

// A value of a column that keys are over, as the target's connector writes it: two of a column that
// have the same text are the same.
struct KeyValue {
  enum class Kind : uint8_t {
    kUnknown,  // the target has no such column, or no key refers to it
    kNull,
    kDefault,  // of the column that it is given to
    kText,
  };
  Kind kind = Kind::kUnknown;
  std::string text;  // of kText

  static KeyValue Text(std::string text) { return {Kind::kText, std::move(text)}; }
  static KeyValue Null() { return {Kind::kNull, {}}; }
  bool operator==(const KeyValue&) const = default;
};
using KeyValues = std::vector<KeyValue>;  // one per column of a table

// What happened to one row of a table.
struct KeyChange {
  KeyValues before;
  std::optional<KeyValues> after;  // nothing: deleted
};

// What is done at once to the children of some rows: of several that were deleted, or of one that
// was changed. All is borrowed.
struct CascadeStep {
  // One column of a key.
  struct Pair {
    size_t parent, child;  // indexes of columns
    bool changed;          // the parent's value; of all where it was deleted
  };
  const model::Table& parent;
  const ForeignKeyGraph::Edge& edge;
  std::vector<Pair> columns;
  model::ReferenceAction action;
  bool deleted;                          // the parents; else changed
  std::span<const KeyChange> parents;    // none has NULL, or an unknown value, in the key
  std::optional<std::set<size_t>> read;  // columns of the child by which others follow its rows
  // Rows of the child, by its row identity, to which a circle of references leads back, and which
  // are not to be deleted here: the log says that they were.
  std::vector<KeyValues> spared = {};

  const model::Table& child() const { return *edge.child; }
  bool deletes() const { return deleted && action == model::ReferenceAction::kCascade; }
  // Where it does not delete them: whether the children get a value in the column, and which one.
  bool Sets(const Pair& column) const;
  KeyValue NewValue(const Pair& column) const;
};

class CascadeWriter {
 public:
  virtual ~CascadeWriter() = default;
  // Gives what happened to each of the children, with the values of the columns `read`; nothing
  // where nobody asks.
  virtual base::StatusOr<std::vector<KeyChange>> Write(const CascadeStep& step) = 0;
};

// The rows of `cascade`, with the values that rows of other tables follow by, and their identity.
// `append`: the text of a cell, which is not NULL, of a column of the parent.
base::StatusOr<std::vector<KeyChange>> KeyChangesOf(
    const Cascade& cascade, const ForeignKeyGraph& graph,
    absl::FunctionRef<base::Status(std::string& text, const model::Cell& cell, size_t column)>
        append);

// Does to the rows that refer to changed rows of `parent` what the source did to them, through any
// number of generations. kFailedPrecondition: which rows these are the target does not tell, for
// want of a column or a table.
base::Status WalkCascade(const model::Table& parent, const std::vector<KeyChange>& changes,
                         const ForeignKeyGraph& graph, CascadeWriter& writer);

// The columns that the table has by these names, as indexes.
std::vector<size_t> ColumnIndexes(const model::Table& table, const std::vector<std::string>& names);
// The columns by which rows of other tables follow rows of this one, and its row identity.
std::set<size_t> NeededColumns(const ForeignKeyGraph& graph, const model::Table& table);

}  // namespace godwit::connector
