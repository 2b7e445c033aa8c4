#include "app/cli/verb.h"

#include "jobs/bench_model.h"
#include "jobs/bench_search.h"

#include <cstdio>

namespace clipscope::cli {

namespace {

std::string line(const jobs::Measurement& measurement)
{
    char text[256];
    std::snprintf(text, sizeof text, "%-32s %12.1f %s", measurement.name.c_str(), measurement.value,
        measurement.unit.c_str());
    std::string whole = text;
    if (measurement.ratio > 0.0) {
        std::snprintf(
            text, sizeof text, "  (%.2f of %s)", measurement.ratio, measurement.against.c_str());
        whole += text;
    }
    return whole + "\n";
}

struct BenchSettings
{
    jobs::BenchModelSettings model;
    jobs::BenchSearchSettings search;
};

void describe(SettingsVisitor& visitor, BenchSettings& settings)
{
    describe(visitor, settings.model);
    describe(visitor, settings.search);
}

class BenchVerb final : public Verb
{
public:
    std::string name() const override { return "bench"; }
    std::string help() const override { return "Measures how fast this machine does the work."; }
    void declare(Arguments& arguments) override { arguments.settings(m_settings); }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(auto measurements, jobs::runBenchModel(m_settings.model, context));
        CLIP_TRY_ASSIGN(const auto search, jobs::runBenchSearch(m_settings.search, context));
        measurements.insert(measurements.end(), search.begin(), search.end());
        Answer answer;
        answer.json["measurements"] = Json::array();
        for (const jobs::Measurement& measurement : measurements) {
            answer.json["measurements"].push_back(toJson(measurement));
            answer.text += line(measurement);
        }
        return answer;
    }

private:
    BenchSettings m_settings;
};

} // namespace

void addBenchVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<BenchVerb>());
}

} // namespace clipscope::cli
