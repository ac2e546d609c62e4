#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "config/endpoint.h"
#include "connector/relay.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/log/other_readers.h"
#include "connectors/mysql/relay/relay_files.h"

namespace godwit::connectors::mysql {

// A relay of a MariaDB or MySQL server. The files of each server that has been the source are in a
// folder of their own, named by who the server says it is: names of files mean nothing between two.
// From any thread.
class MysqlRelay : public connector::Relay {
 public:
  // `folder`: for this source alone; made if need be. `name`: of the source, for the replica's
  // server id.
  MysqlRelay(config::Endpoint endpoint, const std::string& name, std::string folder,
             connector::RelayLimits limits);

  base::Status Run(std::stop_token stop) override;
  void Need(const std::string& task, const model::Position& position) override;
  void Forget(const std::string& task) override;
  connector::RelayStatus Status() const override;

  // The files of the server that the connection leads to.
  base::StatusOr<std::shared_ptr<RelayFiles>> FilesOf(Connection& connection);

 private:
  // Has `files` end where the server can go on.
  base::Status FindEnd(Connection& connection, RelayFiles& files);
  base::Status TakeIn(Connection& connection, RelayFiles& files, const std::stop_token& stop);
  std::optional<uint64_t> OldestNeeded() const;
  // That the file which the source has begun may be kept.
  base::Status ExpectNextClear(const std::string& file) const;
  // Says so when the files come to take more than the limit, by so many bytes.
  void TellOver(const RelayFiles& files, uint64_t bytes);
  void KnowSourceEnd(const std::string& file, uint64_t offset);

  const Server server_;  // each Run may find another one
  const uint32_t replica_id_;
  const std::string folder_;
  const connector::RelayLimits limits_;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<RelayFiles>> files_;  // by who the server is
  std::shared_ptr<RelayFiles> written_;     // those that Run writes, or wrote last
  std::map<std::string, uint64_t> needed_;  // by task: the oldest file's number; 0: not known
  model::Position source_end_;
  std::atomic<uint64_t> bytes_over_{0};
  OtherReaders other_readers_;
};

// What a task has of the relay of its source.
struct RelayUse {
  std::shared_ptr<MysqlRelay> relay;  // null: there is none
  std::string task;

  void Need(const model::Position& position) const {
    if (relay != nullptr) relay->Need(task, position);
  }
  // Whether all that follows is there, as far as the source's log was taken in. `source`: a
  // connection to it.
  bool Has(Connection& source, const model::Position& position) const;
};

}  // namespace godwit::connectors::mysql
