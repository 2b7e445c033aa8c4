#include "store/watch_list.h"

#include "base/files.h"
#include "base/json.h"

#include <algorithm>
#include <set>

namespace clipscope::store {

namespace {

constexpr std::int64_t version = 1;

Result<WatchedQuery> queryOf(const Json& json)
{
    const auto wrong = [](const char* what) { return fail(ErrorKind::BadInput, what); };
    if (!json.is_object())
        return wrong("An entry is no object.");
    const auto number = [&json](const char* key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_number() ? &*found : nullptr;
    };
    const Json *id = number("id"), *video = number("video"), *start = number("start"),
               *stop = number("stop");
    const auto query = json.find("query");
    if (!id || !video || !start || !stop || query == json.end() || !query->is_string())
        return wrong("An entry lacks id, query, video, start or stop.");
    WatchedQuery result{ id->get<std::int64_t>(), query->get<std::string>(),
        video->get<std::int64_t>(), start->get<double>(), stop->get<double>() };
    if (result.id < 1)
        return wrong("An id is not above 0.");
    if (!(result.startSeconds >= 0.0 && result.stopSeconds > result.startSeconds))
        return wrong("A moment does not stop after its start.");
    return result;
}

} // namespace

void WatchList::add(WatchedQuery query)
{
    query.id = nextId++;
    queries.push_back(std::move(query));
}

std::filesystem::path watchListFile(const std::filesystem::path& project)
{
    return project / "watchlist.json";
}

Result<WatchList> readWatchList(const std::filesystem::path& project)
{
    const std::filesystem::path file = watchListFile(project);
    const auto json = readJson(file);
    if (!json && json.error().kind == ErrorKind::NotFound)
        return WatchList{};
    if (!json)
        return fail(json.error());
    const auto made = json->is_object() ? json->find("version") : json->end();
    const auto entries = json->is_object() ? json->find("queries") : json->end();
    if (made == json->end() || !made->is_number_integer() || entries == json->end()
        || !entries->is_array())
        return fail(ErrorKind::BadInput, "This is not a watch list.", { file, {} });
    if (made->get<std::int64_t>() > version)
        return fail(
            ErrorKind::Unsupported, "This watch list was made by a newer Clipscope.", { file, {} });
    WatchList list;
    std::set<std::int64_t> ids;
    for (const Json& entry : *entries) {
        auto query = queryOf(entry);
        if (query && !ids.insert(query->id).second)
            query = fail(ErrorKind::BadInput, "An id is used twice.");
        if (!query) {
            Error error = query.error();
            error.place = { file, "entry " + std::to_string(list.queries.size() + 1) };
            return fail(std::move(error));
        }
        list.nextId = std::max(list.nextId, query->id + 1);
        list.queries.push_back(std::move(*query));
    }
    if (const auto next = json->find("next"); next != json->end() && next->is_number_integer())
        list.nextId = std::max(list.nextId, next->get<std::int64_t>());
    return list;
}

Status writeWatchList(const std::filesystem::path& project, const WatchList& list)
{
    Json json{ { "version", version }, { "next", list.nextId }, { "queries", Json::array() } };
    for (const WatchedQuery& query : list.queries)
        json["queries"].push_back(
            { { "id", query.id }, { "query", query.query }, { "video", query.videoId },
                { "start", query.startSeconds }, { "stop", query.stopSeconds } });
    return writeFileAtomically(watchListFile(project), dump(json, 2) + "\n");
}

} // namespace clipscope::store
