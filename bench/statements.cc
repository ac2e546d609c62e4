// Executes statements on a server, one after the other on one connection, and prints how many
// seconds they took: bench_statements SOCKET SCHEMA FILE. The file is a JSON array, read before the
// clock starts, of objects of one of three forms:
//   {"sql": STATEMENT}
//   {"sql": "LOAD DATA LOCAL INFILE ...", "data": ROWS}
//   {"sql": STATEMENT, "rows": [[VALUE, ...], ...]}   prepared once, all rows bound at once
//                                                     (COM_STMT_BULK_EXECUTE)

#include <mysql.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

struct Column {
  std::vector<int64_t> numbers;
  std::vector<std::string> texts;
  std::vector<char*> pointers;
  std::vector<unsigned long> lengths;
  bool is_text = false;
};

struct Statement {
  std::string sql, data;
  std::vector<Column> columns;
  unsigned rows = 0;
  std::vector<MYSQL_BIND> binds;
};

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

void ReadRows(const nlohmann::json& rows, Statement& statement) {
  statement.rows = static_cast<unsigned>(rows.size());
  statement.columns.resize(rows.at(0).size());
  for (const nlohmann::json& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      Column& column = statement.columns[c];
      column.is_text = row[c].is_string();
      if (column.is_text) {
        column.texts.push_back(row[c].get<std::string>());
        column.lengths.push_back(column.texts.back().size());
      } else {
        column.numbers.push_back(row[c].get<int64_t>());
      }
    }
  }
  // Numbers lie side by side, texts behind an array of pointers.
  for (Column& column : statement.columns) {
    for (std::string& text : column.texts) column.pointers.push_back(text.data());
    MYSQL_BIND& bind = statement.binds.emplace_back();
    std::memset(&bind, 0, sizeof bind);
    bind.buffer_type = column.is_text ? MYSQL_TYPE_STRING : MYSQL_TYPE_LONGLONG;
    bind.buffer = column.is_text ? static_cast<void*>(column.pointers.data())
                                 : static_cast<void*>(column.numbers.data());
    bind.length = column.is_text ? column.lengths.data() : nullptr;
  }
}

std::vector<Statement> ReadStatements(const char* path) {
  std::ifstream file(path);
  const nlohmann::json list = nlohmann::json::parse(file);
  std::vector<Statement> statements(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    statements[i].sql = list[i].at("sql").get<std::string>();
    statements[i].data = list[i].value("data", "");
    if (list[i].contains("rows")) ReadRows(list[i].at("rows"), statements[i]);
  }
  return statements;
}

class Runner {
 public:
  Runner(const char* socket, const char* schema) : mysql_(mysql_init(nullptr)) {
    const unsigned int on = 1;
    mysql_optionsv(mysql_, MYSQL_OPT_LOCAL_INFILE, &on);
    if (mysql_real_connect(mysql_, nullptr, "root", nullptr, schema, 0, socket,
                           CLIENT_MULTI_STATEMENTS) == nullptr) {
      Die(mysql_error(mysql_));
    }
    mysql_set_local_infile_handler(mysql_, Init, Read, End, Error, this);
  }
  ~Runner() {
    for (auto& [sql, statement] : prepared_) mysql_stmt_close(statement);
    mysql_close(mysql_);
  }

  void Execute(Statement& statement) {
    if (statement.rows > 0) return ExecuteBulk(statement);
    current_ = &statement;
    offset_ = 0;
    if (mysql_real_query(mysql_, statement.sql.data(), statement.sql.size()) != 0) Fail(statement);
    int next = 0;
    do {
      if (MYSQL_RES* result = mysql_store_result(mysql_)) mysql_free_result(result);
      next = mysql_next_result(mysql_);
    } while (next == 0);
    if (next > 0) Fail(statement);
  }

 private:
  void ExecuteBulk(Statement& statement) {
    MYSQL_STMT*& stmt = prepared_[statement.sql];
    if (stmt == nullptr) {
      stmt = mysql_stmt_init(mysql_);
      if (mysql_stmt_prepare(stmt, statement.sql.data(), statement.sql.size()) != 0)
        Fail(statement);
    }
    mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &statement.rows);
    if (mysql_stmt_bind_param(stmt, statement.binds.data()) != 0 || mysql_stmt_execute(stmt) != 0)
      Die(statement.sql + ": " + mysql_stmt_error(stmt));
  }

  [[noreturn]] void Fail(const Statement& statement) {
    Die(statement.sql.substr(0, 300) + ": " + mysql_error(mysql_));
  }

  static int Init(void** data, const char*, void* runner) {
    *data = runner;
    return 0;
  }
  static int Read(void* data, char* to, unsigned int room) {
    auto* runner = static_cast<Runner*>(data);
    const std::string& rows = runner->current_->data;
    const size_t size = std::min<size_t>(room, rows.size() - runner->offset_);
    std::memcpy(to, rows.data() + runner->offset_, size);
    runner->offset_ += size;
    return static_cast<int>(size);
  }
  static void End(void*) {}
  static int Error(void*, char*, unsigned int) { return 0; }

  MYSQL* mysql_;
  std::map<std::string, MYSQL_STMT*> prepared_;
  Statement* current_ = nullptr;
  size_t offset_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) Die("usage: bench_statements SOCKET SCHEMA FILE");
  std::vector<Statement> statements = ReadStatements(argv[3]);
  Runner runner(argv[1], argv[2]);
  const auto start = std::chrono::steady_clock::now();
  for (Statement& statement : statements) runner.Execute(statement);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::printf("%.6f\n", taken.count());
}
