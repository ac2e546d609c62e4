#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "wire/mysql/gtid.h"

// MariaDB's position is one number for each domain: who has a transaction is taken to have all with
// lower numbers. A server that is written to before it has applied all of another one's breaks
// that: its own transaction has a number that the other one has given as well, and stands in the
// log before transactions that a task has read of the other one. Where such a log is read on, what
// it wrote itself there is never read.
namespace godwit::connectors::mysql {

// Who wrote a transaction: its server, in the domain that this writes to.
struct LogWriter {
  uint32_t domain = 0, server = 0;
  // Of what ServerIdentity gives for MariaDB; nothing: it is not of that form.
  static std::optional<LogWriter> Parse(std::string_view identity);
  bool operator==(const LogWriter&) const = default;
};

// In a log: a transaction, and after it another server's whose number is not greater.
struct Disorder {
  wire::mysql::MariadbGtid first, late;
  wire::mysql::MariadbGtid place;  // that is yet to come there
};

// Looks for disorder in a part of a log before certain places. One thread.
class LogOrder {
 public:
  // `places`: of each domain that is looked at, the last transaction that has been read of another
  // server's log. What that server, `earlier`, wrote itself has been read whatever its number;
  // nothing: it is not known who that is.
  LogOrder(std::vector<wire::mysql::MariadbGtid> places, std::optional<LogWriter> earlier)
      : places_(std::move(places)), earlier_(earlier) {}

  // What a Gtid_list says of the log before this part of it.
  void Begin(const std::vector<wire::mysql::MariadbGtid>& before);
  // The log's next transaction.
  std::optional<Disorder> Take(const wire::mysql::MariadbGtid& gtid);
  // Every place was met.
  bool reached() const { return places_.empty(); }

 private:
  void Know(const wire::mysql::MariadbGtid& gtid);

  std::vector<wire::mysql::MariadbGtid> places_;   // yet to come
  std::vector<wire::mysql::MariadbGtid> highest_;  // of each domain and server, up to now
  std::optional<LogWriter> earlier_;
};

}  // namespace godwit::connectors::mysql
