/* What is computed in floats, as a pixel: bytes are rounded half up, and end at 0 and 255. */
#ifndef CS231N_ROUNDED_H
#define CS231N_ROUNDED_H

#include <stdint.h>

#include "variant.h"

static INLINE uint8_t rounded_u8(float v) {
    v = v > 0 ? v : 0;
    return (uint8_t)(int32_t)((v < 255 ? v : 255) + 0.5f);
}
static INLINE float rounded_f32(float v) { return v; }

#endif
