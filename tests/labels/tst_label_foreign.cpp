#include "base/json.h"
#include "labels/label_set_file.h"
#include "labels/made_up_labels.h"
#include "support/verify.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::labels;

namespace {

/// Each reading one prints [[tier, label, start in ms, stop in ms], ...].
constexpr const char* readByPympi = R"(
import json, sys, pympi
eaf = pympi.Elan.Eaf(sys.argv[1])
rows = []
for tier in ("hand", "model"):
    for start, stop, label in sorted(a[:3] for a in eaf.get_annotation_data_for_tier(tier)):
        rows.append([tier, label, start, stop])
assert "kitchen" in eaf.get_controlled_vocabulary_names(), "no vocabulary"
assert eaf.get_parameters_for_tier("model.details")["PARENT_REF"] == "model"
json.dump(rows, sys.stdout)
)";
constexpr const char* readByWebvtt = R"(
import json, sys, html, webvtt
def ms(text):
    h, m, s = text.split(":")
    return round((int(h) * 60 + int(m)) * 60000 + float(s) * 1000)
rows = [[c.identifier.split("#")[0], html.unescape(c.raw_text), ms(c.start), ms(c.end)]
        for c in webvtt.read(sys.argv[1])]
json.dump(sorted(rows, key=lambda r: (r[0], r[2])), sys.stdout)
)";
constexpr const char* readByTextgrid = R"(
import json, sys, textgrid
rows = []
for tier in textgrid.TextGrid.fromFile(sys.argv[1]):
    for i in tier:
        if i.mark and not tier.name.endswith(".details"):
            rows.append([tier.name, i.mark, round(float(i.minTime) * 1000), round(float(i.maxTime) * 1000)])
json.dump(rows, sys.stdout)
)";
constexpr const char* writtenByPympi = R"(
import sys, pympi
eaf = pympi.Elan.Eaf()
eaf.add_tier("words")
eaf.add_linguistic_type("gloss", constraints="Symbolic_Association", timealignable=False)
eaf.add_tier("glosses", ling="gloss", parent="words")
eaf.add_annotation("words", 500, 1250, "Größe & <x>")
eaf.add_ref_annotation("glosses", "words", 700, "size")
eaf.to_file(sys.argv[1])
)";

} // namespace

/// What we write is read by what others wrote: Python packages in .deps/readers, fetched by
/// ./dev test, or installed.
class TestLabelForeign final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void othersReadWhatWeWrite_data();
    void othersReadWhatWeWrite();
    void weReadWhatPympiWrites();

private:
    struct Answer
    {
        int exitCode = -1;
        QByteArray output, errors;
    };

    static Answer python(const QString& script, const QString& file)
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        const QString readers = QStringLiteral(CLIPSCOPE_SOURCE_DIR "/.deps/readers");
        const QString others = environment.value(QStringLiteral("PYTHONPATH"));
        environment.insert(QStringLiteral("PYTHONPATH"),
            others.isEmpty() ? readers : readers + QLatin1Char(':') + others);
        environment.insert(QStringLiteral("PYTHONDONTWRITEBYTECODE"), QStringLiteral("1"));
        environment.insert(QStringLiteral("PYTHONWARNINGS"), QStringLiteral("ignore"));
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral("python3"), { QStringLiteral("-c"), script, file });
        Answer answer;
        if (process.waitForFinished(60'000) && process.exitStatus() == QProcess::NormalExit)
            answer.exitCode = process.exitCode();
        answer.output = process.readAllStandardOutput();
        answer.errors = process.readAllStandardError();
        return answer;
    }

    static bool has(const QString& package)
    {
        return python(QStringLiteral("import ") + package, {}).exitCode == 0;
    }

    static Annotation sample()
    {
        Annotation annotation;
        Tier& hand = annotation.tiers.emplace_back();
        hand = { 0, "hand", Source::Hand, "kitchen", {} };
        const auto add = [](Tier& tier, double start, double stop, const char* label) {
            tier.segments.push_back(
                { 0, start, stop, label, 0.5, tier.source, Verdict::Rejected, "a \"note\"" });
        };
        add(hand, 0.25, 1.5, "cut & <stir>");
        add(hand, 1.5, 3.0, "größer");
        Tier& model = annotation.tiers.emplace_back();
        model = { 0, "model", Source::Model, "", {} };
        add(model, 0.5, 2.75, "pour");
        return annotation;
    }
};

void TestLabelForeign::othersReadWhatWeWrite_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<QString>("package");
    QTest::addColumn<QString>("script");
    QTest::newRow("pympi-ling") << static_cast<int>(Format::Eaf) << QStringLiteral("pympi")
                                << QString::fromUtf8(readByPympi);
    QTest::newRow("webvtt-py") << static_cast<int>(Format::Vtt) << QStringLiteral("webvtt")
                               << QString::fromUtf8(readByWebvtt);
    QTest::newRow("textgrid") << static_cast<int>(Format::TextGrid) << QStringLiteral("textgrid")
                              << QString::fromUtf8(readByTextgrid);
}

void TestLabelForeign::othersReadWhatWeWrite()
{
    QFETCH(int, format);
    QFETCH(QString, package);
    QFETCH(QString, script);
    if (!has(package))
        QSKIP("the Python package is not here; ./dev test fetches it where there is a network");
    QTemporaryDir folder;
    const auto chosen = static_cast<Format>(format);
    const auto path = std::filesystem::path(folder.path().toStdString())
        / ("a" + std::string(extensionOf(chosen)));
    ExportInfo info;
    info.videoPath = "/films/soup.mp4";
    info.clock = test::madeUpClock(400);
    LabelSet kitchen;
    kitchen.name = "kitchen";
    kitchen.labels = { { "cut & <stir>", { "a knife cuts" }, {}, {}, {}, 0, {} } };
    info.labelSets = { kitchen };
    QVERIFY_RESULT(writeLabels(path, chosen, sample(), info));
    const Answer answer = python(script, QString::fromStdString(path.string()));
    QVERIFY2(answer.exitCode == 0, answer.errors.constData());
    const auto rows = parseJson(answer.output.toStdString());
    QVERIFY_RESULT(rows);
    const Json wanted = Json::array({ Json::array({ "hand", "cut & <stir>", 250, 1500 }),
        Json::array({ "hand", "größer", 1500, 3000 }),
        Json::array({ "model", "pour", 500, 2750 }) });
    QVERIFY2(*rows == wanted, answer.output.constData());
}

void TestLabelForeign::weReadWhatPympiWrites()
{
    if (!has(QStringLiteral("pympi")))
        QSKIP("the Python package is not here; ./dev test fetches it where there is a network");
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.eaf"));
    const Answer answer = python(QString::fromUtf8(writtenByPympi), path);
    QVERIFY2(answer.exitCode == 0, answer.errors.constData());
    const auto file = readLabels(path.toStdString(), Format::Eaf);
    QVERIFY_RESULT(file);
    const Tier* words = file->videos[0].annotation.tier("words");
    const Tier* glosses = file->videos[0].annotation.tier("glosses");
    QVERIFY(words && glosses);
    QCOMPARE(words->segments.at(0).label, std::string("Größe & <x>"));
    QCOMPARE(glosses->segments.at(0).label, std::string("size"));
    QCOMPARE(glosses->segments.at(0).startSeconds, 0.5);
    QCOMPARE(glosses->segments.at(0).stopSeconds, 1.25);
}

QTEST_GUILESS_MAIN(TestLabelForeign)
#include "tst_label_foreign.moc"
