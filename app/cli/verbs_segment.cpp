#include "app/cli/verb.h"

#include "base/figures.h"
#include "base/files.h"
#include "jobs/segment.h"

namespace clipscope::cli {

namespace {

std::string spanOf(double start, double stop)
{
    return fixed(start, 2) + " to " + fixed(stop, 2) + " s";
}

class SegmentVerb final : public Verb
{
public:
    std::string name() const override { return "segment"; }
    std::string help() const override
    {
        return "Labels every second of a video with your words and stores the segments.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.positional(
            "VIDEO", m_settings.video, "The video's path, file name or number in the project.");
        arguments.option("--labels", m_settings.labelsFile,
            "File of labels (one a line, CSV, JSON, COIN or CrossTask), or a label set of the "
            "project.");
        arguments.option("--eaf", m_settings.eaf, "Writes the segments for ELAN.");
        arguments.option("--vtt", m_settings.vtt, "Writes them as WebVTT.");
        arguments.option("--csv", m_settings.csv, "Writes them as a table.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        m_settings.programVersion = CLIPSCOPE_VERSION;
        CLIP_TRY_ASSIGN(const auto report, jobs::runSegment(m_settings, context));
        std::string text = report.checkpointTitle + ", threshold " + fixed(report.threshold, 3)
            + ": " + std::to_string(report.segments.size()) + " segments in "
            + std::to_string(report.seconds) + " seconds.";
        for (const labels::Segment& segment : report.segments)
            text.append("\n  ")
                .append(spanOf(segment.startSeconds, segment.stopSeconds))
                .append("  ")
                .append(segment.label)
                .append("  score ")
                .append(fixed(segment.score.value_or(0.0), 3));
        if (!report.tier.empty())
            text.append("\nStored as the tier \"").append(report.tier).append("\".");
        if (report.labelSetStored)
            text.append("\nNew label set: ").append(report.labelSet.name).append(".");
        for (const auto& file : report.files)
            text.append("\nWritten ").append(utf8(file)).append(".");
        for (const std::string& note : report.notes)
            text.append("\nNote: ").append(note);
        return Answer{ toJson(report), text, false };
    }

private:
    jobs::SegmentSettings m_settings;
};

} // namespace

void addSegmentVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<SegmentVerb>());
}

} // namespace clipscope::cli
