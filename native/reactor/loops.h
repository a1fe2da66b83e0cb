#pragma once

#include <v8.h>

#include <memory>
#include <vector>

#include "uv.h"

namespace verdant {

// The shares that an environment's hubs have in Node's loop. There are several hubs when there are several realms, or
// when one hub has taken the place of another.
class Loops {
 public:
  explicit Loops(v8::Isolate* isolate) : isolate_(isolate) {}
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;
  ~Loops();

  // Its number, or a negative errno. `turn` runs a turn of the hub, `batch` is where it reads the events from.
  int Open(v8::Local<v8::Context> context, v8::Local<v8::Function> turn, v8::Local<v8::Uint32Array> batch,
           LoopShare::Role role);
  void Close(int number);
  LoopShare* Get(int number);
  // Whether the thread's wait has an owner already.
  bool HasHost() const;

 private:
  // Shared with the loop, which lets go of it when its handles are closed; that may be after the end of `Loops`.
  struct Entry;

  v8::Isolate* const isolate_;
  std::vector<std::shared_ptr<Entry>> entries_;
};

void InstallLoops(Loops* loops, v8::Local<v8::Context> context, v8::Local<v8::Object> exports);

}  // namespace verdant
