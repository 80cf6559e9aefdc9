#pragma once
#include <cstddef>
#include <cstdint>

namespace ocelot::control {

template <typename Integer>
void put(char* at, Integer value) noexcept {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

template <typename Integer>
Integer get(const char* at) noexcept {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value = static_cast<Integer>(value | Integer{static_cast<unsigned char>(at[i])} << (8 * i));
  return value;
}

}  // namespace ocelot::control
