#pragma once

#include "support/make_video.h"

#include <QtTest>

#include <string>
#include <utility>

namespace clipscope::test {

/// A row of the test for each way in which made videos keep their frames and times.
inline void addMadeFormats()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("codec");
    QTest::addColumn<int>("bFrames");
    const auto row = [](const char* name, const char* file, const char* codec, int bFrames) {
        QTest::newRow(name) << QString::fromLatin1(file) << QString::fromLatin1(codec) << bFrames;
    };
    row("mp4", "a.mp4", "mpeg4", 2);
    row("matroska", "a.mkv", "mpeg4", 2);
    row("avi without B-frames", "a.avi", "mpeg4", 0);
    row("avi with B-frames: no presentation times", "b.avi", "mpeg4", 2);
    row("transport stream, open groups", "a.ts", "mpeg2video", 2);
    row("key frames only", "c.mkv", "ffv1", 0);
}

/// The file name and the video of the row that is tested.
inline std::pair<std::string, MadeVideo> madeFormat()
{
    QFETCH(QString, file);
    QFETCH(QString, codec);
    QFETCH(int, bFrames);
    MadeVideo video;
    video.codec = codec.toStdString();
    video.bFrames = bFrames;
    return { file.toStdString(), video };
}

} // namespace clipscope::test
