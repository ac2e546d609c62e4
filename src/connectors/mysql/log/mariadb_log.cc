#include <optional>

#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/gtid.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::MariadbGtidEvent;

// https://mariadb.com/kb/en/gtid/: a GTID event opens a group, and says whether the group is one
// statement.
class MariadbLog : public LogDialect {
 public:
  base::Status StartAt(const LogPosition& place) override {
    GODWIT_ASSIGN_OR_RETURN(gtids_, wire::mysql::MariadbGtidSet::Parse(place.gtids));
    return base::OkStatus();
  }

  base::Status Request(Connection& connection, PacketChannel& channel, const LogPosition& place,
                       uint32_t server_id, bool statements) override {
    GODWIT_RETURN_IF_ERROR(StartAt(place));
    GODWIT_RETURN_IF_ERROR(AskForOwnEvents(connection));
    const uint16_t flags = statements ? kSendAnnotations : 0;
    if (gtids_.empty()) return RequestByOffset(channel, place.file, place.offset, server_id, flags);
    GODWIT_RETURN_IF_ERROR(
        connection
            .Execute(fmt::format("SET @slave_connect_state={}, @slave_gtid_strict_mode=0, "
                                 "@slave_gtid_ignore_duplicates=0",
                                 QuoteText(gtids_.ToString())))
            .status());
    return RequestByOffset(channel, "", 4, server_id, flags);
  }

  base::StatusOr<bool> OpensGroup(const wire::mysql::Event& event) override {
    if (event.header.type != wire::mysql::EventType::kMariadbGtid) return false;
    GODWIT_ASSIGN_OR_RETURN(group_, wire::mysql::DecodeMariadbGtid(event));
    return true;
  }
  bool prepares_xa() const override {
    return group_ && (group_->flags & MariadbGtidEvent::kPreparedXa) != 0;
  }

  base::StatusOr<Statement> Place(const wire::mysql::QueryEvent&) override {
    if (!group_) return Statement{};
    return Statement{group_->standalone(), group_->alter == MariadbGtidEvent::Alter::kStart ||
                                               group_->alter == MariadbGtidEvent::Alter::kRollback};
  }

  void EndGroup() override {
    if (group_) gtids_.Update(group_->gtid);
    group_.reset();
  }
  bool in_group() const override { return group_.has_value(); }
  int64_t commit_time_us() const override { return 0; }
  std::string gtids() const override { return gtids_.ToString(); }
  std::string gtids_at_begin() const override { return std::string(); }

 private:
  wire::mysql::MariadbGtidSet gtids_;
  std::optional<MariadbGtidEvent> group_;
};

}  // namespace

std::unique_ptr<LogDialect> MakeMariadbLog() { return std::make_unique<MariadbLog>(); }

}  // namespace godwit::connectors::mysql
