#include "retrieval/half_scores.h"

#include "base/half.h"
#include "base/require.h"

#include <cstddef>
#include <string>

#if defined(__x86_64__) && defined(__GNUC__)
#define CLIP_X86_KERNELS 1
#include <immintrin.h>
#endif

namespace clipscope::retrieval {

namespace {

using Kernel = float (*)(const std::uint16_t* row, const float* query, std::size_t D);

float dotPlain(const std::uint16_t* row, const float* query, std::size_t D)
{
    float sum = 0.0F;
    for (std::size_t i = 0; i < D; ++i)
        sum += floatFromHalf(row[i]) * query[i];
    return sum;
}

#ifdef CLIP_X86_KERNELS

float sumOf(std::span<const float> lanes)
{
    float sum = 0.0F;
    for (const float lane : lanes)
        sum += lane;
    return sum;
}

// The zero-masked conversion: gcc 12's header of the plain one trips over -Wmaybe-uninitialized.
__attribute__((target("avx512f"))) float dotAvx512(
    const std::uint16_t* row, const float* query, std::size_t D)
{
    constexpr __mmask16 all = 0xffff;
    __m512 a = _mm512_setzero_ps(), b = _mm512_setzero_ps();
    std::size_t i = 0;
    for (; i + 32 <= D; i += 32) {
        const auto* from = reinterpret_cast<const __m256i*>(row + i);
        const __m512 first = _mm512_maskz_cvtph_ps(all, _mm256_loadu_si256(from));
        const __m512 second = _mm512_maskz_cvtph_ps(all, _mm256_loadu_si256(from + 1));
        a = _mm512_fmadd_ps(first, _mm512_loadu_ps(query + i), a);
        b = _mm512_fmadd_ps(second, _mm512_loadu_ps(query + i + 16), b);
    }
    alignas(64) float lanes[16];
    _mm512_store_ps(lanes, _mm512_add_ps(a, b));
    return sumOf(lanes) + dotPlain(row + i, query + i, D - i);
}

__attribute__((target("avx2,fma,f16c"))) float dotAvx2(
    const std::uint16_t* row, const float* query, std::size_t D)
{
    __m256 a = _mm256_setzero_ps(), b = _mm256_setzero_ps();
    std::size_t i = 0;
    for (; i + 16 <= D; i += 16) {
        const auto* from = reinterpret_cast<const __m128i*>(row + i);
        a = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm_loadu_si128(from)), _mm256_loadu_ps(query + i), a);
        b = _mm256_fmadd_ps(
            _mm256_cvtph_ps(_mm_loadu_si128(from + 1)), _mm256_loadu_ps(query + i + 8), b);
    }
    alignas(32) float lanes[8];
    _mm256_store_ps(lanes, _mm256_add_ps(a, b));
    return sumOf(lanes) + dotPlain(row + i, query + i, D - i);
}

#endif

Kernel bestKernel()
{
#ifdef CLIP_X86_KERNELS
    if (__builtin_cpu_supports("avx512f"))
        return dotAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
        && __builtin_cpu_supports("f16c"))
        return dotAvx2;
#endif
    return dotPlain;
}

} // namespace

void scoreHalves(
    std::span<const std::uint16_t> rows, std::span<const float> query, std::span<float> scores)
{
    CLIP_REQUIRE(rows.size() == query.size() * scores.size(),
        std::to_string(rows.size()) + " numbers are not " + std::to_string(scores.size())
            + " rows of " + std::to_string(query.size()));
    static const Kernel kernel = bestKernel();
    const std::size_t D = query.size();
    for (std::size_t i = 0; i < scores.size(); ++i)
        scores[i] = kernel(rows.data() + i * D, query.data(), D);
}

} // namespace clipscope::retrieval
