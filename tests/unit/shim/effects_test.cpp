#include "shim/control/effects.hpp"

#include <boost/test/unit_test.hpp>

namespace ocelot::control {
namespace {

using Seen = Effects::Seen;

struct Scene {
  Limits limits{.effects = 4, .effects_bytes = 100};
  Effects effects{limits};

  static EffectKey key(std::uint64_t id, char session = 's', uid_t uid = 0) {
    EffectKey result{.uid = uid, .id = id};
    result.session.fill(session);
    return result;
  }
  Seen begin(const EffectKey& of, std::uint64_t digest = 1) {
    return effects.begin(of, Operation::Kill, digest);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(effects_of_requests)

BOOST_FIXTURE_TEST_CASE(a_repeat_finds_the_first, Scene) {
  BOOST_TEST((begin(key(1)) == Seen::Fresh));
  BOOST_TEST((begin(key(1)) == Seen::Running));
  effects.finish(key(1), "done");
  BOOST_TEST((begin(key(1)) == Seen::Finished));
  BOOST_TEST(effects.result(key(1)) == "done");
}

BOOST_FIXTURE_TEST_CASE(another_payload_under_the_same_id_is_told_apart, Scene) {
  begin(key(1), digest("a"));
  BOOST_TEST((begin(key(1), digest("b")) == Seen::Different));
}

BOOST_FIXTURE_TEST_CASE(ids_of_another_session_or_uid_are_other_ids, Scene) {
  begin(key(1));
  BOOST_TEST((begin(key(1, 't')) == Seen::Fresh));
  BOOST_TEST((begin(key(1, 's', 5)) == Seen::Fresh));
}

BOOST_FIXTURE_TEST_CASE(a_result_that_was_dropped_is_never_done_again, Scene) {
  for (std::uint64_t id = 1; id <= 5; ++id) {
    BOOST_TEST((begin(key(id)) == Seen::Fresh));
    effects.finish(key(id), "done");
  }
  BOOST_TEST(effects.size() == limits.effects);
  BOOST_TEST((begin(key(1)) == Seen::Forgotten));
  BOOST_TEST((begin(key(2)) == Seen::Finished));
}

BOOST_FIXTURE_TEST_CASE(large_results_are_dropped_earlier, Scene) {
  begin(key(1));
  effects.finish(key(1), std::string(101, 'x'));
  BOOST_TEST((begin(key(1)) == Seen::Finished));
  BOOST_TEST((begin(key(2)) == Seen::Fresh));
  BOOST_TEST((begin(key(1)) == Seen::Forgotten));
}

BOOST_FIXTURE_TEST_CASE(what_still_runs_is_never_dropped, Scene) {
  for (std::uint64_t id = 1; id <= 4; ++id) BOOST_TEST((begin(key(id)) == Seen::Fresh));
  BOOST_TEST((begin(key(5)) == Seen::Full));
  effects.finish(key(3), "done");
  BOOST_TEST((begin(key(5)) == Seen::Fresh));
  BOOST_TEST((begin(key(1)) == Seen::Running));
}

BOOST_FIXTURE_TEST_CASE(one_without_effect_may_be_tried_again, Scene) {
  begin(key(1));
  effects.withdraw(key(1));
  BOOST_TEST((begin(key(1)) == Seen::Fresh));
}

BOOST_FIXTURE_TEST_CASE(they_survive_a_restart, Scene) {
  begin(key(1));
  effects.finish(key(1), "done");
  begin(key(2));
  Effects after{limits};
  after.restore(effects.all());
  BOOST_TEST((after.begin(key(1), Operation::Kill, 1) == Seen::Finished));
  BOOST_TEST(after.result(key(1)) == "done");
  BOOST_TEST((after.begin(key(2), Operation::Kill, 1) == Seen::Running));
}

BOOST_FIXTURE_TEST_CASE(of_clients_that_are_forgotten_the_oldest_goes_first, Scene) {
  const auto client = [](std::uint64_t number) {
    EffectKey of = key(7);
    for (int byte = 0; byte < 8; ++byte) of.session[byte] = static_cast<char>(number >> 8 * byte);
    return of;
  };
  for (std::uint64_t number = 0; number < 1025; ++number) effects.restore_forgotten(client(number));
  BOOST_TEST(effects.forgotten().size() == 1024u);
  BOOST_TEST((begin(client(1)) == Seen::Forgotten));
  BOOST_TEST((begin(client(1024)) == Seen::Forgotten));
  BOOST_TEST((begin(client(0)) == Seen::Fresh));
}

BOOST_FIXTURE_TEST_CASE(the_highest_id_of_a_client_is_what_is_kept, Scene) {
  effects.restore_forgotten(key(5));
  effects.restore_forgotten(key(3));
  BOOST_TEST((begin(key(5)) == Seen::Forgotten));
  BOOST_TEST((begin(key(6)) == Seen::Fresh));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
