#include "jobs/make_starter.h"

#include "base/files.h"
#include "base/guarded.h"
#include "tasks/starter.h"

#include <chrono>

namespace clipscope::jobs {

void describe(SettingsVisitor&, MakeStarterSettings&) { }

Json toJson(const MakeStarterReport& report)
{
    return { { "path", utf8(report.path) }, { "bytes", report.bytes },
        { "class_texts", report.classTexts }, { "elapsed_seconds", report.elapsedSeconds } };
}

Result<MakeStarterReport> runMakeStarter(const MakeStarterSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<MakeStarterReport> {
        const auto start = std::chrono::steady_clock::now();
        MakeStarterReport report;
        report.path = settings.to.empty() ? modelsFolder() / "starter.safetensors" : settings.to;
        CLIP_TRY_ASSIGN(report.classTexts,
            tasks::makeStarter(tasks::starterPartsIn(settings.from), report.path, context));
        std::error_code error;
        report.bytes = std::filesystem::file_size(report.path, error);
        report.elapsedSeconds
            = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return report;
    });
}

} // namespace clipscope::jobs
