#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace godwit::config {

// The names that tools for online schema changes (gh-ost, pt-online-schema-change) give to the
// tables they work with: the shadow, which takes a table's place in the end, and trash, which is
// what they leave of it, or keep notes in. Immutable; copies share the compiled expressions.
class ShadowNames {
 public:
  enum class Role : uint8_t { kNone, kShadow, kTrash };

  ShadowNames() = default;  // knows none
  // Regular expressions (RE2) that match a whole name, each with one group: the name of the table
  // that is changed. kInvalidArgument with what is wrong.
  static absl::StatusOr<ShadowNames> Make(std::span<const std::string> shadow,
                                          std::span<const std::string> trash);
  // A pattern by itself; kInvalidArgument with what is wrong.
  static absl::Status CheckPattern(const std::string& pattern);

  // What `table` is to `real`. A name that was cut to the length a server allows matches by its
  // beginning.
  Role RoleFor(std::string_view table, std::string_view real) const;
  // The tables that `table` may belong to, with what it is to them. A tool that finds a name taken
  // puts further underscores before it.
  struct Owner {
    std::string real;
    Role role;
  };
  std::vector<Owner> OwnersOf(std::string_view table) const;

  // Whether a trigger is one by which such a tool fills its shadow.
  static bool IsToolTrigger(std::string_view trigger);

 private:
  struct Pattern {
    std::shared_ptr<const re2::RE2> expression;
    Role role;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace godwit::config
