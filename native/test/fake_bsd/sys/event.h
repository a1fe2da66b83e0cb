// The declarations of kqueue(2) that native/reactor/kqueue.cc uses, for kernels that have none: fake_bsd/kernel.cc
// stands behind them.
#pragma once

#include <cstdint>
#include <ctime>

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_USER (-11)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ENABLE 0x0004
#define EV_DISABLE 0x0008
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_TRIGGER 0x01000000

struct kevent {
  uintptr_t ident;
  int16_t filter;
  uint16_t flags;
  uint32_t fflags;
  intptr_t data;
  void* udata;
};

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_) \
  (*(event) = {(ident_), (filter_), (flags_), (fflags_), (data_), (udata_)})

extern "C" int kqueue();
extern "C" int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events, int capacity,
                      const timespec* timeout);
