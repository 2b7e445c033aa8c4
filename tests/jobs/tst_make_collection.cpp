#include "jobs/make_collection.h"

#include "base/files.h"
#include "jobs/import.h"
#include "jobs/init.h"
#include "jobs/synthetic_films.h"
#include "store/project.h"
#include "support/full_disk.h"
#include "support/verify.h"
#include "text/caption_readers.h"
#include "text/word_piece.h"

#include <QTemporaryDir>

#include <cmath>
#include <set>

using namespace clipscope;
namespace fs = std::filesystem;

namespace {

/// Asks for a stop at the first sign of progress.
class StopsAtOnce final : public ProgressSink
{
public:
    void report(const Progress&) override { source.request_stop(); }
    std::stop_source source;
};

std::set<int> kindsOf(const std::vector<jobs::FilmPlan>& films)
{
    std::set<int> kinds;
    for (const auto& film : films)
        for (const auto& scene : film.scenes)
            kinds.insert(scene.kind.number());
    return kinds;
}

bool hasWord(const std::string& text, const std::string& word)
{
    return (" " + text + " ").find(" " + word + " ") != std::string::npos;
}

} // namespace

class TestMakeCollection final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path path(const char* name) const
    {
        return fs::path(m_temporary->path().toStdString()) / name;
    }
    jobs::MakeCollectionSettings settings(const char* name, std::int64_t seed = 1) const
    {
        jobs::MakeCollectionSettings settings;
        settings.folder = path(name);
        settings.videos = 2;
        settings.scenes = 2;
        settings.seed = seed;
        return settings;
    }

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
    }

    void noTrainingFilmShowsAHeldOutCombination()
    {
        const auto plan = jobs::planCollection({ .videos = 400, .seed = 3 });
        const std::set<int> shown = kindsOf(plan.training), heldOut = kindsOf(plan.heldOut);
        QCOMPARE(plan.heldOut.size(), std::size_t(77));
        QCOMPARE(heldOut.size(), std::size_t(77));
        QCOMPARE(shown.size(), std::size_t(jobs::SceneKind::count - 77));
        for (const int kind : heldOut)
            QVERIFY(!shown.contains(kind));
        std::set<int> colours, shapes, actions;
        for (const int number : shown) {
            const auto kind = jobs::SceneKind::fromNumber(number);
            colours.insert(kind.colour);
            shapes.insert(kind.shape);
            actions.insert(kind.action);
        }
        QVERIFY(colours.size() == jobs::SceneKind::colours);
        QVERIFY(shapes.size() == jobs::SceneKind::shapes);
        QVERIFY(actions.size() == jobs::SceneKind::actions);
    }

    /// By the words alone, as somebody who has only the files.
    void noTrainingCaptionTellsAHeldOutCombination()
    {
        const auto plan = jobs::planCollection({ .videos = 200, .seed = 5 });
        std::vector<std::string> told;
        for (const auto& film : plan.training)
            for (const auto& caption : film.captions)
                told.push_back(caption.text);
        for (const auto& film : plan.heldOut) {
            // "red-circle-moves-left" and the words of its caption: "a red circle goes to the left"
            const std::string name = fs::path(film.file).stem().string();
            const std::string colour = name.substr(0, name.find('-'));
            const std::string rest = name.substr(colour.size() + 1);
            const std::string shape = rest.substr(0, rest.find('-'));
            std::string action = rest.substr(shape.size() + 1);
            std::replace(action.begin(), action.end(), '-', ' ');
            QVERIFY(hasWord(film.captions.at(0).text, colour));
            QVERIFY(hasWord(film.captions.at(0).text, shape));
            for (const std::string& text : told)
                QVERIFY2(!hasWord(text, colour) || !hasWord(text, shape) || !hasWord(text, action),
                    text.c_str());
        }
    }

    void captionsAreShiftedByAtMostWhatWasAskedAndTrueWhereHeldOut()
    {
        const auto plan = jobs::planCollection({ .videos = 100, .seed = 2 });
        double most = 0.0;
        for (const auto& film : plan.training) {
            QCOMPARE(film.captions.size(), film.scenes.size());
            double before = -1.0;
            for (std::size_t at = 0; at < film.captions.size(); ++at) {
                const auto& caption = film.captions[at];
                QVERIFY(
                    caption.startSeconds >= before && caption.stopSeconds > caption.startSeconds);
                before = caption.startSeconds;
                const double end = static_cast<double>(film.frames) / 12.0;
                const double scene = static_cast<double>(film.scenes[at].beginFrame) / 12.0;
                const double shift = std::abs(caption.startSeconds - scene);
                QVERIFY(shift <= 3.01 && caption.stopSeconds <= end + 0.01);
                most = std::max(most, shift);
            }
        }
        QVERIFY(most > 2.5);
        for (const auto& film : plan.heldOut) {
            QCOMPARE(film.captions.at(0).startSeconds, 0.0);
            QCOMPARE(film.captions.at(0).stopSeconds, static_cast<double>(film.frames) / 12.0);
        }
    }

    void theVocabularyHasEveryWord()
    {
        const auto words = text::WordPiece::fromText(jobs::collectionVocabulary());
        QVERIFY_RESULT(words);
        const auto plan = jobs::planCollection({ .videos = 200, .seed = 7 });
        for (const auto* part : { &plan.training, &plan.heldOut })
            for (const auto& film : *part)
                for (const auto& caption : film.captions)
                    for (const std::int32_t id : words->ids(caption.text))
                        QVERIFY2(id != words->unknownId(), caption.text.c_str());
    }

    void aMomentOfAMovementLooksLikeThatOfAnother()
    {
        // One frame cannot tell left from right: the same place is passed in both directions.
        const auto plan = jobs::planCollection({ .videos = 1, .seed = 1 });
        jobs::FilmPlan film = plan.training.front();
        std::vector<std::uint8_t> one(3 * 96 * 96), other(one.size());
        film.scenes.resize(1);
        film.scenes[0].kind.action = 0;
        jobs::drawFrame(film, film.scenes[0].beginFrame, one);
        bool met = false;
        film.scenes[0].kind.action = 1;
        std::size_t least = one.size();
        for (auto frame = film.scenes[0].beginFrame; frame < film.scenes[0].endFrame; ++frame) {
            jobs::drawFrame(film, frame, other);
            std::size_t different = 0;
            for (std::size_t at = 0; at < one.size(); ++at)
                different += std::abs(int(one[at]) - int(other[at])) > 40 ? 1 : 0;
            least = std::min(least, different);
            met = met || different < one.size() / 50;
        }
        QVERIFY2(met, std::to_string(least).c_str());
    }

    void equalSeedsGiveEqualBytes()
    {
        QVERIFY_RESULT(jobs::runMakeCollection(settings("one"), {}));
        QVERIFY_RESULT(jobs::runMakeCollection(settings("two"), {}));
        QVERIFY_RESULT(jobs::runMakeCollection(settings("other", 2), {}));
        std::size_t films = 0;
        for (const auto& entry : fs::recursive_directory_iterator(path("one"))) {
            if (!entry.is_regular_file())
                continue;
            const auto relative = fs::relative(entry.path(), path("one"));
            QVERIFY2(*readFile(entry.path()) == *readFile(path("two") / relative),
                utf8(relative).c_str());
            films += relative.extension() == ".mp4" ? 1 : 0;
        }
        QCOMPARE(films, std::size_t(2 + 77));
        QVERIFY(
            *readFile(path("one") / "captions.json") != *readFile(path("other") / "captions.json"));
        QVERIFY(!fs::exists(path("one.part")));
    }

    void importTakesFilmsAndCaptionsUp()
    {
        fs::create_directories(path("films")); // an empty folder will do
        const auto made = jobs::runMakeCollection(settings("films"), {});
        QVERIFY_RESULT(made);
        QCOMPARE(made->captions, std::int64_t(2 * 2 + 77));
        QVERIFY_RESULT(jobs::runInit({ path("p.clipscope") }, {}));
        jobs::ImportSettings import;
        import.project = path("p.clipscope");
        import.paths = { path("films") };
        const auto report = jobs::runImport(import, {});
        QVERIFY_RESULT(report);
        QVERIFY(report->skipped.empty());
        QCOMPARE(report->imported.size(), std::size_t(79));
        QCOMPARE(report->captions, made->captions);
    }

    void leavesOtherFoldersAlone()
    {
        fs::create_directories(path("full"));
        QVERIFY_RESULT(writeFileAtomically(path("full") / "mine.txt", "mine"));
        QVERIFY_ERROR(jobs::runMakeCollection(settings("full"), {}), ErrorKind::Conflict);
        QVERIFY_RESULT(writeFileAtomically(path("file"), "mine"));
        QVERIFY_ERROR(jobs::runMakeCollection(settings("file"), {}), ErrorKind::BadInput);
        QCOMPARE(*readFile(path("full") / "mine.txt"), std::string("mine"));
    }

    void whatAKilledProcessLeftIsReplaced()
    {
        fs::create_directories(path("films.part") / "held-out");
        QVERIFY_RESULT(writeFileAtomically(path("films.part") / "film-00001.mp4", "half a film"));
        QVERIFY_RESULT(jobs::runMakeCollection(settings("films"), {}));
        QVERIFY(!fs::exists(path("films.part")));
        QVERIFY(fs::file_size(path("films") / "film-00001.mp4") > 1000);
    }

    void aFullDiskIsToldAndLeavesNothing()
    {
        const test::FullDisk full(6000);
        const auto made = jobs::runMakeCollection(settings("films"), {});
        QVERIFY_ERROR(made, ErrorKind::Io);
        QVERIFY(made.error().place.file.extension() == ".mp4");
        QVERIFY(fs::is_empty(path(".")));
    }

    void cancellingLeavesNothing()
    {
        StopsAtOnce stopping;
        auto large = settings("films");
        large.videos = 50;
        QVERIFY_ERROR(jobs::runMakeCollection(
                          large, { stopping.source.get_token(), stopping, silentLogger() }),
            ErrorKind::Cancelled);
        QVERIFY(fs::is_empty(path(".")));
    }
};

QTEST_GUILESS_MAIN(TestMakeCollection)
#include "tst_make_collection.moc"
