#include "app/studio/suggestions.h"
#include "support/verify.h"

#include <QObject>

using clipscope::studio::queriesFromCaptions;

class TestSuggestions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { clipscope::test::failOnAnyWarning(); }

    void takesTheTellingWordsOfACaption();
    void takesOneFromEachVideoAndNoneTwice();
    void spreadsOverTheCollection();
    void givesNothingWithoutWords();
};

void TestSuggestions::takesTheTellingWordsOfACaption()
{
    const auto query = [](std::string caption) {
        const auto queries = queriesFromCaptions({ { std::move(caption) } }, 1);
        return queries.empty() ? std::string() : queries.front();
    };
    QCOMPARE(query("A white cockatoo, head bobbing."), std::string("white cockatoo"));
    QCOMPARE(query("The camera flies over the city at night"), std::string("camera flies"));
    QCOMPARE(query("Hunde spielen draußen"), std::string("hunde spielen draußen"));
}

void TestSuggestions::takesOneFromEachVideoAndNoneTwice()
{
    const auto queries = queriesFromCaptions(
        { { "Red car drives.", "Blue car drives." }, { "Red car drives." }, { "A dog runs." } }, 3);
    QVERIFY((queries == std::vector<std::string>{ "red car drives", "dog runs" }));
}

void TestSuggestions::spreadsOverTheCollection()
{
    std::vector<std::vector<std::string>> videos;
    for (int i = 0; i < 90; ++i)
        videos.push_back({ "thing number" + std::to_string(i) });
    const auto queries = queriesFromCaptions(videos, 3);
    QVERIFY((queries
        == std::vector<std::string>{ "thing number0", "thing number30", "thing number60" }));
}

void TestSuggestions::givesNothingWithoutWords()
{
    QVERIFY(queriesFromCaptions({}, 3).empty());
    QVERIFY(queriesFromCaptions({ {}, { "..." }, { "a the" }, { "water" } }, 3).empty());
}

QTEST_GUILESS_MAIN(TestSuggestions)
#include "tst_suggestions.moc"
