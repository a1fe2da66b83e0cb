#pragma once

#include <cstdint>

// A model of kqueue on Linux: entries and their queue as the BSDs keep them, over the real descriptors of this process.
// What a filter would find is asked of poll(), and when it would be run is told by epoll's edges.
namespace fake_bsd {

// They differ in what a closed descriptor is answered with, in pipes (FreeBSD's carry both ways) and in whether an
// entry can be made for a broken one.
enum class Kernel { kDarwin, kFreeBsd };

// Starts afresh: forgets every queue and everything that was asked for below.
void Boot(Kernel kernel);
// Every later attempt to make an entry of this filter fails.
void RefuseFilter(int16_t filter, int error);
// The entry is reported with EV_ERROR from now on.
void FailEntry(int fd, int16_t filter, int error);
// How many entries the queue has for this descriptor.
int CountEntries(int queue, int fd);

}  // namespace fake_bsd
