#pragma once

#include <v8.h>

#include <cstddef>

namespace verdant {

// V8's functions for reading strings have got new names on their way from 11 to 14.

inline void CopyOneByte(v8::Isolate* isolate, v8::Local<v8::String> text, char* into, int size) {
#if V8_MAJOR_VERSION >= 13
  text->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(size), reinterpret_cast<uint8_t*>(into));
#else
  text->WriteOneByte(isolate, reinterpret_cast<uint8_t*>(into), 0, size, v8::String::NO_NULL_TERMINATION);
#endif
}

inline std::size_t Utf8Size(v8::Isolate* isolate, v8::Local<v8::String> text) {
#if V8_MAJOR_VERSION >= 13
  return text->Utf8LengthV2(isolate);
#else
  return static_cast<std::size_t>(text->Utf8Length(isolate));
#endif
}

// Lone surrogates become U+FFFD.
inline void CopyUtf8(v8::Isolate* isolate, v8::Local<v8::String> text, char* into, std::size_t size) {
#if V8_MAJOR_VERSION >= 13
  text->WriteUtf8V2(isolate, into, size, v8::String::WriteFlags::kReplaceInvalidUtf8);
#else
  text->WriteUtf8(isolate, into, static_cast<int>(size), nullptr,
                  v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
#endif
}

}  // namespace verdant
