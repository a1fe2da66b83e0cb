#include "tls_block.h"

#if defined(__APPLE__)

#include <dlfcn.h>
#include <mach-o/dyld.h>
#include <mach-o/getsect.h>
#include <malloc/malloc.h>
#include <pthread.h>

namespace verdant {

// Untested: no macOS machine has run it yet. A thread variable's descriptor is {thunk, key, offset}; the key is one for
// the whole image, and its value is this thread's block.
TlsBlock FindTlsBlock(const void* code) {
  Dl_info info;
  if (dladdr(code, &info) == 0) return {};
  const auto* header = static_cast<const mach_header_64*>(info.dli_fbase);
  unsigned long size = 0;
  struct Descriptor {
    void* thunk;
    unsigned long key;
    unsigned long offset;
  };
  const auto* first = reinterpret_cast<const Descriptor*>(getsectiondata(header, "__DATA", "__thread_vars", &size));
  if (first == nullptr || size < sizeof(Descriptor)) return {};
  TlsBlock block;
  block.key = first->key;
  block.begin = static_cast<char*>(pthread_getspecific(first->key));
  if (block.begin != nullptr) block.size = malloc_size(block.begin);
  return block;
}

}  // namespace verdant

#else

#include <link.h>

#include <cstdint>

namespace verdant {

namespace {

struct Search {
  std::uintptr_t code;
  TlsBlock found;
};

int VisitModule(dl_phdr_info* info, std::size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  bool contains = false;
  const ElfW(Phdr)* tls = nullptr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type == PT_TLS) tls = &header;
    if (header.p_type != PT_LOAD) continue;
    const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    if (search->code >= begin && search->code < begin + header.p_memsz) contains = true;
  }
  if (!contains) return 0;
  if (tls != nullptr && info->dlpi_tls_data != nullptr) {
    search->found.begin = static_cast<char*>(info->dlpi_tls_data);
    search->found.size = tls->p_memsz;
  }
  return 1;
}

}  // namespace

TlsBlock FindTlsBlock(const void* code) {
  Search search{reinterpret_cast<std::uintptr_t>(code), {}};
  dl_iterate_phdr(VisitModule, &search);
  return search.found;
}

}  // namespace verdant

#endif
