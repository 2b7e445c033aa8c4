#pragma once

#include "base/json.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <fstream>
#include <map>
#include <string>

namespace clipscope::test {

/// A folder for small annotation files. No fsync: there are thousands of them.
class AnnotationFiles final
{
public:
    std::filesystem::path folder() const { return m_folder.path().toStdString(); }
    std::filesystem::path written(const std::string& name, const std::string& content) const
    {
        const std::filesystem::path path = folder() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    /// A folder of these files, by their names in it, and no others.
    std::filesystem::path written(const std::map<std::string, std::string>& files) const
    {
        std::filesystem::remove_all(folder() / "all");
        for (const auto& [name, content] : files)
            written("all/" + name, content);
        return folder() / "all";
    }

private:
    QTemporaryDir m_folder;
};

/// The small files of the reference and what it reads from them, null where they are not there.
inline Json referenceDatasets()
{
    const auto json = readJson(fixturesFolder() / "datasets.json");
    return json ? *json : Json();
}

} // namespace clipscope::test
