#include "app/cli/verb.h"

#include "jobs/bench.h"

#include <algorithm>
#include <cstdio>

namespace clipscope::cli {

namespace {

std::string line(const jobs::Measurement& measurement)
{
    char text[256];
    std::snprintf(text, sizeof text, "  %-52s %10.2f %s", measurement.name.c_str(),
        measurement.value, measurement.unit.c_str());
    std::string whole = text;
    if (measurement.ratio > 0.0) {
        std::snprintf(
            text, sizeof text, "  (%.2f of %s)", measurement.ratio, measurement.against.c_str());
        whole += text;
    }
    return whole + "\n";
}

/// Errors: BadInput naming the words there are.
Result<std::vector<jobs::BenchPart>> partsOf(const std::vector<std::string>& words)
{
    const auto names = jobs::benchPartNames();
    std::vector<jobs::BenchPart> parts;
    for (const std::string& word : words) {
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) {
            std::string all;
            for (const std::string& name : names)
                all += (all.empty() ? "" : ", ") + name;
            return fail(ErrorKind::BadInput, "There is no benchmark '" + word + "'.", {},
                "There are " + all + "; without a word all but sampler run.");
        }
        parts.push_back(static_cast<jobs::BenchPart>(found - names.begin()));
    }
    return parts;
}

class BenchVerb final : public Verb
{
public:
    std::string name() const override { return "bench"; }
    std::string help() const override { return "Measures how fast this machine does the work."; }
    void declare(Arguments& arguments) override
    {
        arguments.positionals("PART", m_parts,
            "encoder, towers, train, s3d, extract, tokenizer, search, labelling or sampler; all "
            "but the last when none is named.",
            Need::Optional);
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto parts, partsOf(m_parts));
        CLIP_TRY_ASSIGN(const auto measurements, jobs::runBench(parts, m_settings, context));
        Answer answer;
        answer.json["measurements"] = Json::array();
        std::string part;
        for (const jobs::Measurement& measurement : measurements) {
            answer.json["measurements"].push_back(toJson(measurement));
            if (measurement.part != part)
                answer.text += (part.empty() ? "" : "\n") + measurement.part + "\n";
            part = measurement.part;
            answer.text += line(measurement);
        }
        return answer;
    }

private:
    std::vector<std::string> m_parts;
    jobs::BenchSettings m_settings;
};

} // namespace

void addBenchVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<BenchVerb>());
}

} // namespace clipscope::cli
