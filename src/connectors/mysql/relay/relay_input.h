#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "connectors/mysql/log/log_input.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/relay/relay_files.h"
#include "wire/mysql/event.h"

namespace godwit::connectors::mysql {

// A log as a relay's files. Where another file begins it says so as a server does, by a Rotate
// event that is in no file. One thread.
class RelayInput : public LogInput {
 public:
  // From a place where an event begins, in a file that is there. `stop` ends what waits, with
  // kCancelled; `reader` as RelayFiles has it.
  static base::StatusOr<std::unique_ptr<RelayInput>> Open(std::shared_ptr<RelayFiles> files,
                                                          const RelayFiles::Place& start,
                                                          std::stop_token stop, uint32_t reader);

  // What the events end in there.
  wire::mysql::Checksum checksum() const { return checksum_; }

  bool has_next() const override;
  base::StatusOr<bool> Wait(std::chrono::milliseconds wait) override;
  base::StatusOr<bool> LargeIsNext() override;
  base::StatusOr<std::string_view> Next() override;
  const ReceiveBlock& block() const override { return block_; }

 private:
  RelayInput(std::shared_ptr<RelayFiles> files, std::stop_token stop, uint32_t reader)
      : files_(std::move(files)), stop_(std::move(stop)), reader_(reader) {}

  base::Status Enter(const RelayFiles::Place& place);
  // Waits for bytes of the file, or for the next file.
  base::StatusOr<bool> Look(std::chrono::steady_clock::time_point until);
  base::StatusOr<uint32_t> SizeOfNext();
  // Makes at least `needed` bytes, which the file has, stand in one block.
  base::Status Fill(size_t needed);
  base::Status Damaged() const;

  const std::shared_ptr<RelayFiles> files_;
  const std::stop_token stop_;
  const uint32_t reader_;
  wire::mysql::Checksum checksum_ = wire::mysql::Checksum::kCrc32;

  OpenFile file_;
  RelayFiles::Place place_;  // what has been read up to
  RelayFiles::Rest rest_;    // what is known to be there
  ReceiveBlock block_;
  size_t capacity_ = 0;
  size_t begin_ = 0, end_ = 0;  // unread bytes of block_
  std::string rotate_;          // given last
};

// Where to read a relay from, to have all that a position does not hold and, where it is told by
// MySQL's GTIDs, some that it does; nothing: the server has to be asked.
base::StatusOr<std::optional<RelayFiles::Place>> FindStart(const RelayFiles& files,
                                                           const LogPosition& after, bool is_mysql,
                                                           uint32_t reader);

}  // namespace godwit::connectors::mysql
