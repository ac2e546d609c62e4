#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mysql/log/log_position.h"
#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// The changes of one XA transaction, as its group in the log has them.
struct XaChanges {
  std::string name;  // wire::mysql::XaName
  struct Event {
    wire::mysql::EventHeader header;
    std::string body;
  };
  XaPlace begin;  // of the group
  // Its table maps and rows; null: too large to be held, or prepared before this stream was opened,
  // so that they have to be read from the log again.
  std::shared_ptr<const std::vector<Event>> events;
};

// XA transactions of a log that are prepared, and neither committed nor rolled back at the place
// reached. Their changes count from their commit on: until then they are held, up to 8 MiB in all,
// or their place in the log is. One thread.
class XaTransactions {
 public:
  // Those of the position that the stream starts at.
  explicit XaTransactions(std::map<std::string, XaPlace> prepared = {});

  // The group that begins here is of an XA transaction; what follows of it is to be captured.
  void Begin(XaPlace begin);
  bool in_group() const { return open_.has_value(); }
  void Capture(const wire::mysql::Event& event);
  // Ends the group: it is prepared, or it is committed at once and its changes are handed out.
  void Prepared(const std::string& name);
  XaChanges CommittedAtOnce(const std::string& name);

  // A prepared one that is committed or rolled back; nothing: it is not known.
  std::optional<XaChanges> Take(const std::string& name);

  std::map<std::string, XaPlace> Places() const;

 private:
  struct Held {
    XaChanges changes;
    size_t bytes = 0;
  };
  struct Open {
    XaPlace begin;
    std::vector<XaChanges::Event> events;
    size_t bytes = 0;
    bool whole = true;
  };
  XaChanges Close(const std::string& name);

  std::optional<Open> open_;
  std::map<std::string, Held> prepared_;
  size_t bytes_ = 0;  // of all that is held
};

}  // namespace godwit::connectors::mysql
