#include "sql/translate.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_replace.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sql/parser.h"
#include "sql/placement.h"
#include "sql/translate_column.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

constexpr std::string_view kOrExclude = "or exclude the table";

// Table options that mean the same to both.
constexpr std::string_view kCommonOptions[] = {
    "AVG_ROW_LENGTH",     "CHECKSUM",       "CONNECTION",        "DELAY_KEY_WRITE",
    "INSERT_METHOD",      "KEY_BLOCK_SIZE", "MAX_ROWS",          "MIN_ROWS",
    "PACK_KEYS",          "ROW_FORMAT",     "STATS_AUTO_RECALC", "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES", "UNION",
};

bool IsCommon(const std::pair<std::string, std::string>& option) {
  const std::string& name = option.first;
  if (base::EqualsIgnoreCase(name, "ROW_FORMAT") && base::EqualsIgnoreCase(option.second, "PAGE"))
    return false;  // Aria's
  return std::ranges::any_of(kCommonOptions, [&](std::string_view common) {
    return base::EqualsIgnoreCase(name, common);
  });
}

void LeaveOutPlaces(TableDefinition& table, NoteTaker& notes) {
  for (const std::string& place : TakeOutPlaces(table)) {
    notes.Lossy("", PlaceNote(place));
  }
}

bool ProtectsRows(std::string_view option) {
  return absl::AsciiStrToUpper(std::string(option)).find("ENCRYPT") != std::string::npos;
}

class TableTranslator {
 public:
  TableTranslator(const TableDefinition& definition, Flavour to)
      : source_(definition), table_(definition), to_(to), notes_(translation_.notes) {
    table_.flavour = to;
  }

  Translation Run() {
    LeaveOutPlaces(table_, notes_);
    RefuseHistory();
    RefuseKeysOverShapes();
    TranslateCharset(table_.options.charset, "", to_, notes_);
    for (ColumnDefinition& column : table_.columns) TranslateColumn(column, source_, to_, notes_);
    TranslateChecks();
    TranslateKeys();
    TranslateOptions();
    TranslatePartitions();
    Normalise();
    return std::move(translation_);
  }

 private:
  // What MySQL has nothing for.
  void RefuseHistory() {
    if (to_ != Flavour::kMySql) return;
    if (table_.system_versioned) {
      notes_.Refuse(
          "", "MySQL keeps no history of rows (system versioning)",
          fmt::format("ALTER TABLE ... DROP SYSTEM VERSIONING on the source, {}", kOrExclude));
    }
    for (const PeriodDefinition& period : table_.periods) {
      if (period.name == "SYSTEM_TIME") continue;
      notes_.Refuse("period " + QuoteIdentifier(period.name), "MySQL has no periods",
                    fmt::format("ALTER TABLE ... DROP PERIOD on the source, {}", kOrExclude));
    }
    const model::TablePtr table = ToTable(source_);
    for (const model::Key& key : table->unique_keys) {
      if (!key.by_hash) continue;
      notes_.Refuse("key " + QuoteIdentifier(key.name),
                    "MySQL has no unique keys over values of any length",
                    fmt::format("give the key prefixes, or its columns shorter types, on the "
                                "source, {}",
                                kOrExclude));
    }
  }

  void RefuseKeysOverShapes() {
    if (to_ != Flavour::kMySql) return;
    const model::TablePtr table = ToTable(source_);
    for (const KeyDefinition& key : source_.keys) {
      for (const KeyPart& part : key.parts) {
        const int column = source_.FindColumn(part.column);
        if (column < 0 ||
            table->columns[static_cast<size_t>(column)].kind != model::TypeKind::kGeometry) {
          continue;
        }
        RefuseKeyOverShape(key, source_.columns[static_cast<size_t>(column)].nullable);
        break;
      }
    }
  }

  // All keys over shapes are spatial there.
  void RefuseKeyOverShape(const KeyDefinition& key, bool nullable) {
    const std::string where = "key " + QuoteIdentifier(key.name);
    if (key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique) {
      notes_.Refuse(where, "MySQL has no unique keys over shapes",
                    fmt::format("DROP KEY on the source, {}", kOrExclude));
    } else if (key.parts.size() > 1) {
      notes_.Refuse(where, "MySQL has no keys over shapes and other columns",
                    fmt::format("DROP KEY on the source, {}", kOrExclude));
    } else if (nullable) {
      notes_.Refuse(
          where, "MySQL has no keys over shapes that may be NULL",
          fmt::format("make the column NOT NULL or DROP KEY on the source, {}", kOrExclude));
    }
  }

  // MariaDB's checks have names of their own in each table; MySQL's are unique in a schema, and
  // begin with the table's name where the server gave them.
  void TranslateChecks() {
    if (to_ == Flavour::kMySql) {
      for (ColumnDefinition& column : table_.columns) {
        if (column.check.empty()) continue;
        table_.checks.push_back(
            {table_.name.table + "_chk_" + column.name, std::exchange(column.check, {}), true});
      }
    }
    std::erase_if(table_.checks, [&](const CheckDefinition& check) {
      if (check.enforced) return false;
      notes_.Lossy("check " + QuoteIdentifier(check.name),
                   "is left out: MariaDB has no checks that are NOT ENFORCED");
      return true;
    });
    const std::string mysql_stem = source_.name.table + "_chk_", mariadb_stem = "CONSTRAINT_";
    const bool to_mysql = to_ == Flavour::kMySql;
    for (CheckDefinition& check : table_.checks) {
      TranslateExpressionOf(check.expression, "check " + QuoteIdentifier(check.name), "condition",
                            to_, notes_);
      const std::string& from = to_mysql ? mariadb_stem : mysql_stem;
      if (check.name.starts_with(from))
        check.name.replace(0, from.size(), to_mysql ? mysql_stem : mariadb_stem);
    }
  }

  void TranslateKeys() {
    std::erase_if(table_.keys, [&](KeyDefinition& key) { return !TranslateKey(key); });
  }

  // False: the key is left out.
  bool TranslateKey(KeyDefinition& key) {
    const std::string place = "key " + QuoteIdentifier(key.name);
    if (!key.without_overlaps.empty()) {
      notes_.Refuse(place, "MySQL has no keys WITHOUT OVERLAPS",
                    fmt::format("drop the key on the source, {}", kOrExclude));
      return true;
    }
    const bool functional = std::ranges::any_of(
        key.parts, [](const KeyPart& part) { return !part.expression.empty(); });
    if (functional && key.kind == KeyKind::kUnique) {
      notes_.Refuse(place, "MariaDB has no keys over expressions, and this one is unique",
                    fmt::format("make the expression a generated column and the key one over it, "
                                "on the source, or drop the key there, {}",
                                kOrExclude));
      return true;
    }
    if (functional) {
      notes_.Lossy(place, "is left out: MariaDB has no keys over expressions");
      return false;
    }
    if (key.options.find("WITH PARSER") != std::string::npos) {
      notes_.Lossy(place, "is left out: its parser is a plugin of the source");
      return false;
    }
    for (std::string_view option : {"ENGINE_ATTRIBUTE", "CLUSTERING"}) {
      if (key.options.find(option) == std::string::npos) continue;
      notes_.Same(place, key.options + " is left out: it is about storage alone");
      key.options.clear();
    }
    return true;
  }

  void TranslateOptions() {
    TableOptions& options = table_.options;
    std::erase_if(options.other, [&](const auto& option) {
      if (IsCommon(option)) return false;
      const std::string text = option.first + "=" + option.second;
      if (ProtectsRows(option.first)) {
        notes_.Lossy("", text + " is left out: the target's own settings say what it encrypts");
      } else {
        notes_.Same("", text + " is left out: it is about storage alone");
      }
      return true;
    });
    const bool aria = base::EqualsIgnoreCase(options.engine, "Aria");
    const bool parted = table_.partitioning && !base::EqualsIgnoreCase(options.engine, "InnoDB");
    if (to_ != Flavour::kMySql || (!aria && !parted)) return;
    notes_.Lossy("",
                 fmt::format("ENGINE={} becomes InnoDB: MySQL {}", options.engine,
                             aria ? "has no such engine" : "partitions tables of InnoDB alone"));
    if (table_.partitioning) {
      for (Partition& partition : table_.partitioning->partitions) {
        partition.text = absl::StrReplaceAll(partition.text,
                                             {{"ENGINE = " + options.engine, "ENGINE = InnoDB"}});
      }
    }
    options.engine = "InnoDB";
  }

  void TranslatePartitions() {
    if (!table_.partitioning) return;
    TranslateExpressionOf(table_.partitioning->method, "", "partitioning", to_, notes_);
    TranslateExpressionOf(table_.partitioning->subpartition, "", "partitioning", to_, notes_);
    if (to_ != Flavour::kMySql) return;
    for (const Partition& partition : table_.partitioning->partitions) {
      if (!base::EqualsIgnoreCase(std::string_view(partition.text).substr(0, 7), "DEFAULT"))
        continue;
      notes_.Refuse("partition " + QuoteIdentifier(partition.name),
                    "MySQL has no DEFAULT partition",
                    fmt::format("list its values on the source, {}", kOrExclude));
    }
  }

  // Written and read again, so that it is complete as the other kind of server completes it.
  void Normalise() {
    if (translation_.refused()) return;
    ParseOptions options;
    options.default_schema = table_.name.schema;
    options.flavour = to_;
    auto read = ParseDefinition(WriteCreateTable(table_), options, {});
    if (!read.ok()) {
      return notes_.Refuse("",
                           fmt::format("what it would be on the target is not understood: {}",
                                       read.status().message()),
                           "exclude the table, and report this");
    }
    read->name = table_.name;
    translation_.definition = *std::move(read);
  }

  const TableDefinition& source_;
  TableDefinition table_;
  const Flavour to_;
  Translation translation_;
  NoteTaker notes_;
};

}  // namespace

std::string ToText(const TranslationNote& note) {
  return note.place.empty() ? note.what : fmt::format("{}: {}", note.place, note.what);
}

std::string Refusals(const std::vector<TranslationNote>& notes) {
  std::string text;
  for (const TranslationNote& note : notes) {
    if (note.kind == NoteKind::kRefused)
      text += fmt::format("{}{}", text.empty() ? "" : "; ", ToText(note));
  }
  return text;
}

bool Translation::refused() const {
  return std::ranges::any_of(
      notes, [](const TranslationNote& note) { return note.kind == NoteKind::kRefused; });
}

Translation Translate(const TableDefinition& definition, Flavour to) {
  if (definition.flavour == to) {
    Translation same{definition, {}};
    NoteTaker notes(same.notes);
    LeaveOutPlaces(same.definition, notes);
    return same;
  }
  return TableTranslator(definition, to).Run();
}

TranslatedCharset TranslateCharset(const CharsetChoice& charset, Flavour to,
                                   const std::string& place) {
  TranslatedCharset translated{charset, {}};
  NoteTaker notes(translated.notes);
  TranslateCharset(translated.charset, place, to, notes);
  return translated;
}

}  // namespace godwit::sql
