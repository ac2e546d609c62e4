#include "tests/sim/world.h"

namespace godwit::sim {

using cluster::Request;

namespace {

Options Drawn(Options options) {
  Random random(~options.seed);
  const auto draw = [&](int& number, int low, int high) {
    const int drawn = static_cast<int>(random.Between(low, high));
    if (number == 0) number = drawn;
  };
  draw(options.masters, 1, 3);
  draw(options.workers, 1, 4);
  draw(options.sources, 1, 5);
  draw(options.tasks, 1, 3);
  return options;
}

}  // namespace

World::World(const Options& wanted) : options_(Drawn(wanted)), random_(wanted.seed) {
  const Options& options = options_;
  loss_ = random_.Percent(50) ? 0 : static_cast<int>(random_.Between(1, 10));
  lag_ = random_.Percent(50) ? 0 : static_cast<int>(random_.Between(1, 40));
  for (int i = 0; i < options.masters + options.workers; ++i) {
    Process& process = processes_.emplace_back();
    process.id = i;
    process.name =
        i < options.masters ? fmt::format("m{}", i) : fmt::format("w{}", i - options.masters);
    process.is_up = false;
    Push(random_.Below(2 * kSecond), Event::Kind::kRestart, i);
  }
  const Micros end = options.seconds * kSecond;
  for (int64_t i = random_.Between(1, 10); i > 0; --i) {
    Push(random_.Below(end), Event::Kind::kFault);
  }
  // Requests come in bursts, so that they get into each other's way.
  for (int64_t bursts = random_.Between(2, 6) + options.sources / 4; bursts > 0; --bursts) {
    const Micros begin = kSecond + random_.Below(end);
    const Micros lasts = random_.Percent(50) ? kSecond / 10 : 4 * kSecond;
    const int focus = random_.Percent(50) ? -1 : static_cast<int>(random_.Below(options.sources));
    for (int64_t i = random_.Between(1, 7); i > 0; --i) {
      Push(begin + random_.Below(lasts), Event::Kind::kOperator, 0, 0, focus);
    }
  }
}

Outcome World::Run() {
  const Micros mends_at = now_ + options_.seconds * kSecond;
  const Micros ends_at = mends_at + 40 * kSecond;
  Micros checks_at = mends_at + kSecond;
  while (outcome_.violation.empty()) {
    const Event event = events_.top();
    if (!is_mended_ && event.at >= mends_at) {
      now_ = mends_at;
      Mend();
      continue;
    }
    if (event.at >= checks_at) {
      // Whatever is right by then stays so, as nothing happens any more.
      now_ = checks_at;
      const std::string left = WhatIsLeft();
      if (left.empty()) break;
      if (now_ >= ends_at) Violate("long after all has been mended, " + left);
      checks_at += kSecond;
      continue;
    }
    events_.pop();
    now_ = event.at;
    ++outcome_.events;
    Handle(event);
  }
  return outcome_;
}

void World::Push(Micros delay, Event::Kind kind, int process, int life, int message) {
  events_.push({now_ + delay, ++last_event_, kind, process, life, message});
}

void World::Handle(const Event& event) {
  Process& process = processes_[static_cast<size_t>(event.process)];
  switch (event.kind) {
    case Event::Kind::kArrive:
      return Arrive(event.message);
    case Event::Kind::kFault:
      return Fault();
    case Event::Kind::kOperator:
      return Operate(event.message);
    case Event::Kind::kThaw:
      return Thaw(process);
    case Event::Kind::kHeal:
      process.is_cut = false;
      return;
    case Event::Kind::kRestart:
      return Start(process);
    case Event::Kind::kLeaseEnd:
      if (leases_.at(event.message).ends <= now_) Kick();
      return;
    default:
      break;
  }
  if (event.life != process.life || !process.is_up) {
    if (event.kind == Event::Kind::kAnswer) Release(event.message);
    return;
  }
  if (process.is_frozen) {
    if (event.kind != Event::Kind::kWake) process.late.push_back(event);
    return;
  }
  switch (event.kind) {
    case Event::Kind::kWatch:
      return Watch(process);
    case Event::Kind::kAnswer:
      return Answer(event.message);
    case Event::Kind::kDone:
      return Stopped(process, event.message);
    default:
      if (event.at != process.wake) return;  // it has been woken earlier, or is to be later
      process.wake = kNever;
      Wake(process);
  }
}

void World::Start(Process& process) {
  if (process.is_leaving) Crash(process);
  if (process.is_up) return;
  process.is_up = true;
  process.is_frozen = false;
  ++process.life;
  process.rate = 0.99 + static_cast<double>(random_.Below(201)) / 10000;
  process.offset = random_.Below(1000) * kSecond;
  process.wake = kNever;
  process.late.clear();
  process.view = nullptr;
  process.watch.reset();
  Trace("{} starts, life {}", process.name, process.life);
  if (process.id < options_.masters) {
    process.master.emplace(
        cluster::Candidate(cluster::LeaderRecord{process.name, process.name + ":1"}, "", kTtl,
                           [this, &process] { return process.OwnClock(now_); }));
  } else {
    const int slots = options_.slots ? options_.slots : static_cast<int>(random_.Between(1, 3));
    process.worker.emplace(process.name, cluster::WorkerRecord{process.name + ":1", "1", slots},
                           kTtl);
  }
  process.has_watch_event = true;
  Push(random_.Below(20'000), Event::Kind::kWatch, process.id, process.life);
}

void World::Watch(Process& process) {
  process.has_watch_event = false;
  if (process.is_cut) {
    process.has_watch_event = true;
    return Push(300'000, Event::Kind::kWatch, process.id, process.life);
  }
  if (process.watch) {
    const auto changes = process.watch->Next(std::chrono::milliseconds(0));
    if (changes.ok()) {
      process.own_view.Apply(*changes, process.watch->revision());
    } else {
      Trace("{}: {}", process.name, changes.status().message());
      process.watch.reset();
    }
  }
  if (!process.watch) {
    const store::Snapshot snapshot = *store_.Range("");
    process.own_view.Reset(snapshot);
    process.view = &process.own_view;
    process.watch = *store_.WatchFrom("", snapshot.revision);
  }
  Wake(process);
}

// The store has changed.
void World::Kick() {
  for (Process& process : processes_) {
    if (!process.is_up || process.has_watch_event) continue;
    process.has_watch_event = true;
    const bool is_late = random_.Percent(lag_);
    Push(is_late ? HowLate() : random_.Between(500, 20'000), Event::Kind::kWatch, process.id,
         process.life);
  }
}

void World::Wake(Process& process) {
  if (!process.view) return;
  cluster::Time wake;
  const cluster::Time own = ToTime(process.OwnClock(now_));
  if (process.master) {
    for (Request& request : process.master->Poll(own, *process.view)) {
      Send(process, std::move(request));
    }
    wake = process.master->NextWake(own);
  } else {
    WakeWorker(process);
    wake = process.worker->NextWake(own);
  }
  WakeAt(process, process.TrueTime(wake));
}

void World::WakeAt(Process& process, Micros at) {
  if (at == kNever) return;
  at = std::max(at, now_ + 100);
  if (process.wake <= at) return;
  process.wake = at;
  Push(at - now_, Event::Kind::kWake, process.id, process.life);
}

void World::Send(Process& process, Request request) {
  constexpr Micros kPatience = 2 * kSecond;
  Mutate(process, request);
  int number = static_cast<int>(messages_.size());
  if (free_messages_.empty()) {
    messages_.emplace_back();
  } else {
    number = free_messages_.back();
    free_messages_.pop_back();
  }
  Message& message = messages_[static_cast<size_t>(number)];
  message = {.request = std::move(request),
             .process = process.id,
             .life = process.life,
             .ways = 1,
             .sent = now_};
  message.answer.status = base::Unavailable("no answer has come");
  if (message.request.asker == Request::Asker::kOperator) message.operation = process.asked;
  const bool is_late = random_.Percent(lag_);
  const Micros way = is_late ? HowLate() : random_.Between(200, 5'000);
  const bool is_lost = random_.Percent(loss_);
  if (!is_lost) {
    ++message.ways;
    Push(way, Event::Kind::kArrive, process.id, process.life, number);
  }
  // Else the answer's event is pushed when the store has answered.
  if (is_lost || way >= kPatience) {
    message.is_answered = true;
    Push(kPatience, Event::Kind::kAnswer, process.id, process.life, number);
  }
}

void World::Arrive(int number) {
  Message& message = messages_[static_cast<size_t>(number)];
  const Process& process = processes_[static_cast<size_t>(message.process)];
  // What has been sent before it crashed, or was cut off, may still come.
  const bool is_stopped = process.is_cut && process.life == message.life && random_.Percent(80);
  cluster::Answer answer = message.answer;
  if (!is_stopped) {
    CheckBefore(message);
    answer = Perform(store_, message.request);
    if (answer.status.ok()) CheckAfter(message);
  }
  if (!message.is_answered) {
    message.is_answered = true;
    const bool is_lost = is_stopped || process.is_cut || random_.Percent(loss_);
    if (!is_lost) message.answer = answer;
    const Micros way = is_lost ? std::max<Micros>(0, message.sent + 2 * kSecond - now_)
                               : random_.Between(200, 5'000);
    Push(way, Event::Kind::kAnswer, message.process, message.life, number);
  }
  Release(number);
}

void World::Answer(int number) {
  Message& message = messages_[static_cast<size_t>(number)];
  Process& process = processes_[static_cast<size_t>(message.process)];
  const cluster::Time own = ToTime(process.OwnClock(now_));
  if (process.master) {
    process.master->OnAnswer(message.request, message.answer, own);
  } else {
    process.worker->OnAnswer(message.request, message.answer, own);
  }
  Release(number);
  Wake(process);
}

void World::Release(int number) {
  if (--messages_[static_cast<size_t>(number)].ways == 0) free_messages_.push_back(number);
}

Outcome RunHistory(const Options& options) { return World(options).Run(); }

}  // namespace godwit::sim
