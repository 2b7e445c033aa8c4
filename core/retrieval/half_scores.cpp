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

/// Scores of `count` rows. Each row is summed in the same order however many there are, so a score
/// does not depend on how the rows were shared out.
using Kernel = void (*)(
    const std::uint16_t* rows, std::size_t count, std::span<const float> query, float* scores);

float dotPlain(const std::uint16_t* row, const float* query, std::size_t D)
{
    float sum = 0.0F;
    for (std::size_t i = 0; i < D; ++i)
        sum += floatFromHalf(row[i]) * query[i];
    return sum;
}

void scorePlain(
    const std::uint16_t* rows, std::size_t count, std::span<const float> query, float* scores)
{
    for (std::size_t i = 0; i < count; ++i)
        scores[i] = dotPlain(rows + i * query.size(), query.data(), query.size());
}

#ifdef CLIP_X86_KERNELS

// The rows come from memory that nobody read lately, and a processor's own prefetching stops at
// each page. So while one group of rows is summed, the next is fetched into the first cache and one
// further on into the second, which has more requests under way. Asking beyond the last row is
// harmless, a prefetch never faults.
constexpr std::size_t rowsAtOnce = 4;
constexpr std::size_t groupsAhead = 4;

template<std::size_t R> inline void fetchAhead(const std::uint16_t* at, std::size_t D)
{
    _mm_prefetch(at + R * D, _MM_HINT_T0);
    _mm_prefetch(at + groupsAhead * R * D, _MM_HINT_T1);
}

__attribute__((target("avx"))) inline float sumOf(__m256 lanes)
{
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// Not _mm512_reduce_add_ps: gcc 12 warns of uninitialised values inside its own header.
__attribute__((target("avx512f"))) inline float sumOf(__m512 lanes)
{
    alignas(64) float stored[16];
    _mm512_store_ps(stored, lanes);
    return sumOf(_mm256_add_ps(_mm256_load_ps(stored), _mm256_load_ps(stored + 8)));
}

// The zero-masked conversion: gcc 12's header of the plain one trips over -Wmaybe-uninitialized.
template<std::size_t R>
__attribute__((target("avx512f"))) inline void groupAvx512(
    const std::uint16_t* rows, std::span<const float> query, float* scores)
{
    constexpr __mmask16 all = 0xffff;
    const std::size_t D = query.size();
    __m512 a[R], b[R];
    for (std::size_t r = 0; r < R; ++r)
        a[r] = b[r] = _mm512_setzero_ps();
    std::size_t i = 0;
    for (; i + 32 <= D; i += 32) {
        const __m512 q0 = _mm512_loadu_ps(query.data() + i);
        const __m512 q1 = _mm512_loadu_ps(query.data() + i + 16);
        for (std::size_t r = 0; r < R; ++r) {
            const auto* from = reinterpret_cast<const __m256i*>(rows + r * D + i);
            fetchAhead<R>(rows + r * D + i, D);
            a[r] = _mm512_fmadd_ps(_mm512_maskz_cvtph_ps(all, _mm256_loadu_si256(from)), q0, a[r]);
            b[r] = _mm512_fmadd_ps(
                _mm512_maskz_cvtph_ps(all, _mm256_loadu_si256(from + 1)), q1, b[r]);
        }
    }
    for (std::size_t r = 0; r < R; ++r)
        scores[r] = sumOf(_mm512_add_ps(a[r], b[r]))
            + dotPlain(rows + r * D + i, query.data() + i, D - i);
}

__attribute__((target("avx512f"))) void scoreAvx512(
    const std::uint16_t* rows, std::size_t count, std::span<const float> query, float* scores)
{
    std::size_t i = 0;
    for (; i + rowsAtOnce <= count; i += rowsAtOnce)
        groupAvx512<rowsAtOnce>(rows + i * query.size(), query, scores + i);
    for (; i < count; ++i)
        groupAvx512<1>(rows + i * query.size(), query, scores + i);
}

template<std::size_t R>
__attribute__((target("avx2,fma,f16c"))) inline void groupAvx2(
    const std::uint16_t* rows, std::span<const float> query, float* scores)
{
    const std::size_t D = query.size();
    __m256 a[R], b[R];
    for (std::size_t r = 0; r < R; ++r)
        a[r] = b[r] = _mm256_setzero_ps();
    std::size_t i = 0;
    for (; i + 16 <= D; i += 16) {
        const __m256 q0 = _mm256_loadu_ps(query.data() + i);
        const __m256 q1 = _mm256_loadu_ps(query.data() + i + 8);
        for (std::size_t r = 0; r < R; ++r) {
            const auto* from = reinterpret_cast<const __m128i*>(rows + r * D + i);
            fetchAhead<R>(rows + r * D + i, D);
            a[r] = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm_loadu_si128(from)), q0, a[r]);
            b[r] = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm_loadu_si128(from + 1)), q1, b[r]);
        }
    }
    for (std::size_t r = 0; r < R; ++r)
        scores[r] = sumOf(_mm256_add_ps(a[r], b[r]))
            + dotPlain(rows + r * D + i, query.data() + i, D - i);
}

__attribute__((target("avx2,fma,f16c"))) void scoreAvx2(
    const std::uint16_t* rows, std::size_t count, std::span<const float> query, float* scores)
{
    std::size_t i = 0;
    for (; i + rowsAtOnce <= count; i += rowsAtOnce)
        groupAvx2<rowsAtOnce>(rows + i * query.size(), query, scores + i);
    for (; i < count; ++i)
        groupAvx2<1>(rows + i * query.size(), query, scores + i);
}

#endif

Kernel bestKernel()
{
#ifdef CLIP_X86_KERNELS
    if (__builtin_cpu_supports("avx512f"))
        return scoreAvx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
        && __builtin_cpu_supports("f16c"))
        return scoreAvx2;
#endif
    return scorePlain;
}

} // namespace

void scoreHalves(
    std::span<const std::uint16_t> rows, std::span<const float> query, std::span<float> scores)
{
    CLIP_REQUIRE(rows.size() == query.size() * scores.size(),
        std::to_string(rows.size()) + " numbers are not " + std::to_string(scores.size())
            + " rows of " + std::to_string(query.size()));
    static const Kernel kernel = bestKernel();
    kernel(rows.data(), scores.size(), query, scores.data());
}

} // namespace clipscope::retrieval
