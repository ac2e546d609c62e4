#include <mysql.h>

#include <optional>

#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/mysql_events.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventType;

constexpr unsigned char kBinlogDumpGtid = 30;  // COM_BINLOG_DUMP_GTID
constexpr uint16_t kThroughGtid = 4;           // BINLOG_THROUGH_GTID

// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html: a GTID event,
// an anonymous one where gtid_mode is OFF, opens a group; a group that does not begin with BEGIN is
// one statement.
class MysqlLog : public LogDialect {
 public:
  base::Status StartAt(const LogPosition& place) override {
    if (place.gtids.empty()) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(gtids_, wire::mysql::MysqlGtidSet::Parse(place.gtids));
    return base::OkStatus();
  }

  base::Status Request(Connection&, PacketChannel& channel, const LogPosition& place,
                       uint32_t server_id, bool /*statements*/) override {
    GODWIT_RETURN_IF_ERROR(StartAt(place));
    if (!gtids_) return RequestByOffset(channel, place.file, place.offset, server_id);
    const std::string set = gtids_->Encode();
    return channel.SendCommand(kBinlogDumpGtid, LittleEndian(kThroughGtid, 2) +
                                                    LittleEndian(server_id, 4) +
                                                    LittleEndian(0, 4) + LittleEndian(4, 8) +
                                                    LittleEndian(set.size(), 4) + set);
  }

  base::StatusOr<bool> OpensGroup(const wire::mysql::Event& event) override {
    const EventType type = event.header.type;
    if (type != EventType::kGtid && type != EventType::kAnonymousGtid &&
        type != EventType::kGtidTagged) {
      return false;
    }
    GODWIT_ASSIGN_OR_RETURN(group_, wire::mysql::DecodeMysqlGtid(event));
    begun_ = false;
    if (gtids_ && group_->gtid) gtids_->Add(*group_->gtid);
    return true;
  }

  // XA START says it (BinlogStream).
  bool prepares_xa() const override { return false; }

  base::StatusOr<Statement> Place(const wire::mysql::QueryEvent& query) override {
    if (query.sql == "BEGIN") {
      begun_ = true;
      return Statement{.frames = true};
    }
    return Statement{.alone = group_.has_value() && !begun_};
  }

  void EndGroup() override { group_.reset(); }
  bool in_group() const override { return group_.has_value(); }
  int64_t commit_time_us() const override {
    return group_ ? static_cast<int64_t>(group_->immediate_commit_us) : 0;
  }
  std::string gtids() const override { return gtids_ ? gtids_->ToString() : std::string(); }
  std::string gtids_at_begin() const override { return gtids(); }

 private:
  // With the open group; nothing: the log was asked for by offset.
  std::optional<wire::mysql::MysqlGtidSet> gtids_;
  std::optional<wire::mysql::MysqlGtidEvent> group_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<LogDialect> MakeMysqlLog() { return std::make_unique<MysqlLog>(); }

}  // namespace godwit::connectors::mysql
