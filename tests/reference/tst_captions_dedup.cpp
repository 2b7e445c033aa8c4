#include "base/files.h"
#include "base/json.h"
#include "support/verify.h"
#include "text/deduplicate.h"

#include <sstream>

using namespace clipscope;

namespace {

std::vector<text::Caption> captionsOf(const Json& columns)
{
    std::vector<text::Caption> captions;
    for (std::size_t at = 0; at < columns["text"].size(); ++at) {
        const Json& text = columns["text"][at];
        captions.push_back({ columns["start"][at].get<double>(), columns["end"][at].get<double>(),
            text.is_string() ? text.get<std::string>() : std::string() });
    }
    return captions;
}

} // namespace

class TestCaptionsDedup final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void takesEveryPathOfTheReference()
    {
        const auto path = test::fixturesFolder() / "captions_dedup.jsonl";
        if (!std::filesystem::exists(path))
            QSKIP("the parity fixtures are not here; set CLIPSCOPE_FIXTURES");
        const auto lines = readFile(path);
        QVERIFY_RESULT(lines);
        std::istringstream stream(*lines);
        std::string line;
        int compared = 0;
        while (std::getline(stream, line)) {
            const auto item = parseJson(line);
            QVERIFY_RESULT(item);
            const auto input = captionsOf((*item)["input"]);
            for (const Json& output : (*item)["outputs"]) {
                if (output.contains("error"))
                    continue; // the reference crashes there; what to do is ours to choose
                std::size_t used = 0;
                const Json& coins = output["coins"];
                const auto result = text::deduplicate(
                    input, [&] { return used < coins.size() && coins[used++].get<int>() == 1; });
                QVERIFY2(result == captionsOf(output["output"]), line.c_str());
                QCOMPARE(used, coins.size());
                ++compared;
            }
        }
        QVERIFY(compared > 100);
    }
};

QTEST_GUILESS_MAIN(TestCaptionsDedup)
#include "tst_captions_dedup.moc"
