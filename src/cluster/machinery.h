#pragma once

#include <cstdint>
#include <string>

namespace godwit::cluster {

// A subtask, or a source's relay, as a worker has to run it.
struct Assignment {
  std::string source, task;  // no task: the source's relay
  int64_t epoch = 0;         // all that it writes is fenced with
  std::string source_config, config;
  int64_t restart = 0;  // the order to begin it anew (SubtaskRecord)
};

// What carries out a worker's orders. All calls come from the worker's thread, and do not block:
// what has come of an order is told by Worker::Done.
class Machinery {
 public:
  virtual ~Machinery() = default;

  // Starts it, or lets it go on after a pause; Done(kRunning) as soon as it runs.
  virtual void Start(const Assignment& assignment) = 0;
  // Done(kPaused) when nothing of it is at work any more.
  virtual void Pause(const std::string& source, const std::string& task) = 0;
  // Likewise; Done(kStopped), and it is forgotten. Of one that was never started too.
  virtual void Stop(const std::string& source, const std::string& task) = 0;
  // What runs of the source goes on with another configuration of it.
  virtual void Reconfigure(const std::string& source, const std::string& source_config) = 0;
};

}  // namespace godwit::cluster
