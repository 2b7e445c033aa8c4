#include "media/subtitles.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>

using namespace clipscope;
using namespace clipscope::media;
using clipscope::test::MadeVideo;
using clipscope::test::makeVideo;

class TestSubtitles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsTextTracks_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("codec");
        QTest::newRow("mov_text") << "a.mp4"
                                  << "mov_text";
        QTest::newRow("subrip") << "a.mkv"
                                << "subrip";
    }
    void readsTextTracks()
    {
        QFETCH(QString, name);
        QFETCH(QString, codec);
        MadeVideo made;
        made.cues
            = { { 0.5, 1.25, "first line" }, { 1.5, 2.5, "second\nwith two lines, and commas" } };
        const auto path = m_folder / name.toStdString();
        QVERIFY_RESULT(makeVideo(path, made));
        const auto tracks = readSubtitleTracks(path, 0.25);
        QVERIFY_RESULT(tracks);
        QCOMPARE(tracks->size(), std::size_t{ 1 });
        const SubtitleTrack& track = tracks->front();
        QCOMPARE(track.info.codec, codec.toStdString());
        QCOMPARE(track.info.language, std::string("eng"));
        QCOMPARE(track.cues.size(), made.cues.size());
        for (std::size_t i = 0; i < track.cues.size(); ++i) {
            QCOMPARE(track.cues[i].text, made.cues[i].text);
            QVERIFY(std::abs(track.cues[i].startSeconds + 0.25 - made.cues[i].startSeconds) < 2e-3);
            QVERIFY(std::abs(track.cues[i].stopSeconds + 0.25 - made.cues[i].stopSeconds) < 2e-3);
        }
    }

    void dropsTagsAndStyles_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("ass") << "a.ass"
                             << QByteArray("[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n"
                                           "Format: Name, Fontname\nStyle: Default,Arial\n\n"
                                           "[Events]\nFormat: Layer, Start, End, Style, Name, "
                                           "MarginL, MarginR, MarginV, Effect, Text\n"
                                           "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,"
                                           "{\\b1}bold{\\b0}, then\\Nnext\\hword\n");
        QTest::newRow("webvtt") << "a.vtt"
                                << QByteArray("WEBVTT\n\n00:01.000 --> 00:02.000 align:start\n"
                                              "<b>bold</b>, then\nnext <i>word</i>\n");
        QTest::newRow("subrip") << "a.srt"
                                << QByteArray("1\n00:00:01,000 --> 00:00:02,000\n"
                                              "<font color=\"red\">bold</font>, then\nnext word\n");
    }
    void dropsTagsAndStyles()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        const auto path = m_folder / name.toStdString();
        std::ofstream(path, std::ios::binary) << content.toStdString();
        const auto tracks = readSubtitleTracks(path);
        QVERIFY_RESULT(tracks);
        QCOMPARE(tracks->size(), std::size_t{ 1 });
        QCOMPARE(tracks->front().cues.size(), std::size_t{ 1 });
        QCOMPARE(tracks->front().cues.front().text, std::string("bold, then\nnext word"));
        QVERIFY(std::abs(tracks->front().cues.front().startSeconds - 1.0) < 1e-3);
        QVERIFY(std::abs(tracks->front().cues.front().stopSeconds - 2.0) < 1e-3);
    }

    void readsBothTracksOfARealFilm()
    {
        const auto path = test::dataFolder() / "clips/free/nasa_13013.mp4";
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto tracks = readSubtitleTracks(path);
        QVERIFY_RESULT(tracks);
        QCOMPARE(tracks->size(), std::size_t{ 2 });
        QCOMPARE(tracks->front().cues.size(), std::size_t{ 4 });
        QVERIFY(std::abs(tracks->front().cues.back().stopSeconds - 16.57) < 0.01);
    }

    void hasNothingToSayAboutAFileWithoutSubtitles()
    {
        const auto path = m_folder / "plain.mp4";
        QVERIFY_RESULT(makeVideo(path, {}));
        const auto tracks = readSubtitleTracks(path);
        QVERIFY_RESULT(tracks);
        QVERIFY(tracks->empty());
        QVERIFY_ERROR(readSubtitleTracks(m_folder / "none.mp4"), ErrorKind::NotFound);
    }

private:
    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder{ m_temporary.path().toStdString() };
};

QTEST_GUILESS_MAIN(TestSubtitles)
#include "tst_subtitles.moc"
