#include "jobs/bench_parts.h"

#include "base/random.h"
#include "tasks/starter.h"

#include <cmath>

namespace clipscope::jobs {

namespace {

/// A transcript as speech recognition writes one: lines of some ten lower-case words, frequent ones
/// frequent (Zipf), now and then a name or a word that the vocabulary does not hold as a whole.
std::string transcript(const text::WordPiece& vocabulary, std::size_t bytes)
{
    std::vector<std::string> words;
    for (std::int64_t id = 0; id < vocabulary.size(); ++id) {
        const std::string_view token = vocabulary.token(static_cast<std::int32_t>(id));
        if (token.size() > 1 && token.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == token.npos)
            words.emplace_back(token);
    }
    Random random({ 29 });
    const auto draw = [&]() -> const std::string& { // ranks as 1 / rank
        const double rank = std::pow(static_cast<double>(words.size()), random.uniform());
        return words[std::min(static_cast<std::size_t>(rank) - 1, words.size() - 1)];
    };
    std::string text;
    while (text.size() < bytes) {
        for (std::int64_t left = random.uniformInteger(4, 16); left > 0; --left) {
            std::string word = draw();
            if (random.uniform() < 0.03)
                word += draw();
            if (random.uniform() < 0.03)
                word[0] = static_cast<char>(word[0] - 'a' + 'A');
            text += word;
            text += left > 1 ? ' ' : '\n';
        }
    }
    return text;
}

} // namespace

Result<std::vector<Measurement>> benchTokenizer(const BenchSettings& settings, JobContext context)
{
    CLIP_TRY_ASSIGN(const auto vocabulary, tasks::starterVocabulary());
    const std::string text = transcript(
        vocabulary, static_cast<std::size_t>(settings.transcriptMegabytes) * 1'000'000);
    std::size_t ids = 0;
    std::vector<Contestant> all{ { "tokenizer, one core", "MB/s",
        1e-6 * static_cast<double>(text.size()), [&]() -> Status {
            // Line by line, as captions come.
            std::vector<std::int32_t> line;
            ids = 0;
            for (std::size_t start = 0; start < text.size();) {
                const std::size_t stop = text.find('\n', start);
                line.clear();
                vocabulary.append(std::string_view(text).substr(start, stop - start), line);
                ids += line.size();
                start = stop + 1;
            }
            return {};
        } } };
    CLIP_TRY(race(all, "tokenizer", settings.rounds, context));
    auto lines = ratesOf(all);
    lines.push_back({ "word pieces, one core", 1e-6 * static_cast<double>(ids) / all[0].best,
        "million/s", 0.0, {}, {} });
    return lines;
}

} // namespace clipscope::jobs
