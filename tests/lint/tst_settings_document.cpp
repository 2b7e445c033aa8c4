#include "base/files.h"
#include "jobs/bench.h"
#include "jobs/evaluate.h"
#include "jobs/extract.h"
#include "jobs/feature_files.h"
#include "jobs/import.h"
#include "jobs/import_weights.h"
#include "jobs/index.h"
#include "jobs/make_collection.h"
#include "jobs/make_starter.h"
#include "jobs/pretrain.h"
#include "jobs/search.h"
#include "jobs/segment.h"

#include <QRegularExpression>
#include <QTest>

#include <filesystem>
#include <string>

using namespace clipscope;

/// docs/settings.md is made from the settings of the jobs. With CLIPSCOPE_WRITE_DOCS set, this
/// test writes it anew.
class TestSettingsDocument final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }
    void saysWhatTheJobsSay();
};

namespace {

template<typename Settings> std::string section(const std::string& verb)
{
    Settings settings;
    const SettingsTable table = settingsTable(settings);
    if (table.all().empty())
        return {};
    return "\n## " + verb + "\n\n" + table.toMarkdown();
}

std::string document()
{
    return "# Settings\n\n"
           "Made by the test `lint.settings_document` from the jobs' own tables; not to be "
           "edited.\n"
           "A setting `search.top` is the flag `--top` of the verb `search`, the environment "
           "variable\n"
           "`CLIPSCOPE_SEARCH_TOP`, and the key `top` under `[search]` in a file given with "
           "`--config`.\n"
           "A flag goes before the environment, the environment before the file.\n"
        + section<jobs::ImportSettings>("import") + section<jobs::ExtractSettings>("extract")
        + section<jobs::FeatureFilesSettings>("features") + section<jobs::IndexSettings>("index")
        + section<jobs::SearchSettings>("search") + section<jobs::SegmentSettings>("segment")
        + section<jobs::EvaluateSettings>("evaluate") + section<jobs::PretrainSettings>("pretrain")
        + section<jobs::MakeStarterSettings>("make-starter")
        + section<jobs::ImportWeightsSettings>("import-weights")
        + section<jobs::MakeCollectionSettings>("make-collection")
        + section<jobs::BenchSettings>("bench");
}

} // namespace

void TestSettingsDocument::saysWhatTheJobsSay()
{
    const std::filesystem::path file
        = std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / "docs/settings.md";
    if (qEnvironmentVariableIsSet("CLIPSCOPE_WRITE_DOCS"))
        QVERIFY(writeFileAtomically(file, document()));
    const auto stored = readFile(file);
    QVERIFY2(stored, "docs/settings.md is missing");
    QVERIFY2(*stored == document(),
        "docs/settings.md is not what the jobs say: run this test with CLIPSCOPE_WRITE_DOCS=1");
}

QTEST_GUILESS_MAIN(TestSettingsDocument)
#include "tst_settings_document.moc"
