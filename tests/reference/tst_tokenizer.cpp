#include "base/files.h"
#include "base/json.h"
#include "support/verify.h"
#include "text/word_piece.h"

#include <sstream>

using namespace clipscope;

class TestTokenizer final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void givesTheIdsOfTheReferenceForEveryLine()
    {
        const auto folder = test::fixturesFolder();
        if (!std::filesystem::exists(folder / "tokenizer.jsonl"))
            QSKIP("the parity fixtures are not here; set CLIPSCOPE_FIXTURES");
        const auto words = text::WordPiece::load(folder / "vocab.txt");
        QVERIFY_RESULT(words);
        const auto lines = readFile(folder / "tokenizer.jsonl");
        QVERIFY_RESULT(lines);
        std::istringstream stream(*lines);
        std::string line;
        int count = 0, wrong = 0;
        while (std::getline(stream, line)) {
            const auto item = parseJson(line);
            QVERIFY_RESULT(item);
            ++count;
            const auto expected = (*item)["ids"].get<std::vector<std::int32_t>>();
            const auto ids = words->ids((*item)["text"].get<std::string>());
            if (ids == expected)
                continue;
            ++wrong;
            qInfo("line %d: %s\n  got %s", count, line.substr(0, 400).c_str(),
                dump(Json(ids)).substr(0, 400).c_str());
        }
        QVERIFY(count > 0);
        QCOMPARE(wrong, 0);
    }
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
