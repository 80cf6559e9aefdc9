#include "shim/control/authority.hpp"

#include <boost/test/unit_test.hpp>

#include "shim/control/operations.hpp"

namespace ocelot::control {
namespace {

const Authority authority{
    {.owner = 1000, .operators = {1001}, .observers = {2000}, .observer_groups = {3000}}};

Role of(uid_t uid, gid_t gid = 100, std::vector<gid_t> groups = {}, pid_t pid = 7) {
  return authority.role(Credentials{pid, uid, gid}, groups);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(authority_table)

BOOST_AUTO_TEST_CASE(root_and_who_made_it_are_owners_and_those_named_operators) {
  for (const uid_t uid : {0, 1000}) BOOST_TEST((of(uid) == Role::Owner));
  BOOST_TEST((of(1001) == Role::Operator));
}

BOOST_AUTO_TEST_CASE(observers_are_named_by_uid_by_group_or_by_supplementary_group) {
  BOOST_TEST((of(2000) == Role::Observer));
  BOOST_TEST((of(5, 3000) == Role::Observer));
  BOOST_TEST((of(5, 100, {1, 3000}) == Role::Observer));
}

BOOST_AUTO_TEST_CASE(everybody_else_is_nobody) {
  BOOST_TEST((of(5) == Role::None));
  BOOST_TEST((of(5, 0) == Role::None));     // group root
  BOOST_TEST((of(3000) == Role::None));     // an observer group's number as a uid
  BOOST_TEST((of(5, 1000) == Role::None));  // the owner's as a gid
}

// security: the row "overflow uid, pid 0"
BOOST_AUTO_TEST_CASE(whom_the_kernel_cannot_name_is_nobody) {
  BOOST_TEST((of(65534) == Role::None));
  BOOST_TEST((of(0, 65534) == Role::None));
  BOOST_TEST((of(0, 0, {}, 0) == Role::None));
  const Authority careless{{.owner = 65534, .operators = {65534}, .observers = {65534}}};
  BOOST_TEST((careless.role(Credentials{7, 65534, 5}, {}) == Role::None));
}

// security: the rows "connect as root, drop, send" and "pass the socket to another uid"
BOOST_AUTO_TEST_CASE(the_lesser_of_connection_and_sender_counts) {
  const Peer root{{1, 0, 0}, {}, Role::Owner, {}};
  BOOST_TEST((authority.role(root, {1, 0, 0}) == Role::Owner));
  BOOST_TEST((authority.role(root, {1, 1001, 0}) == Role::Operator));
  BOOST_TEST((authority.role(root, {1, 2000, 0}) == Role::Observer));
  BOOST_TEST((authority.role(root, {1, 12345, 0}) == Role::None));
  const Peer observer{{2, 2000, 5}, {}, Role::Observer, {}};
  BOOST_TEST((authority.role(observer, {1, 0, 0}) == Role::Observer));
  BOOST_TEST((authority.role(observer, {0, 0, 0}) == Role::None));
}

BOOST_AUTO_TEST_CASE(supplementary_groups_are_those_of_the_peer_alone) {
  const Peer member{{2, 5, 5}, {3000}, Role::Observer, {}};
  BOOST_TEST((authority.role(member, {9, 5, 5}) == Role::Observer));
  BOOST_TEST((authority.role(member, {9, 6, 5}) == Role::None));
}

BOOST_AUTO_TEST_CASE(each_operation_stands_once_in_the_table_at_its_place) {
  BOOST_TEST_REQUIRE(all_operations().size() == operations);
  for (std::size_t i = 0; i < operations; ++i) {
    const OperationTraits& entry = all_operations()[i];
    BOOST_TEST(static_cast<std::size_t>(entry.operation) == i);
    BOOST_TEST((operation_of_name(entry.name) == entry.operation));
    BOOST_TEST((entry.needs != Role::None));
    if (entry.has_effect) BOOST_TEST((entry.needs >= Role::Operator));
  }
}

BOOST_AUTO_TEST_CASE(an_upgrade_is_for_owners_alone) {
  for (const OperationTraits& entry : all_operations())
    BOOST_TEST((entry.needs == Role::Owner) == (entry.operation == Operation::Upgrade));
}

BOOST_AUTO_TEST_CASE(observers_may_look_and_no_more) {
  std::string names;
  for (const OperationTraits& entry : all_operations())
    if (entry.needs == Role::Observer) names.append(entry.name).append(" ");
  BOOST_TEST(names == "state stats events wait cancel ");
  for (const OperationTraits& entry : all_operations())
    if (entry.needs == Role::Observer) BOOST_TEST(entry.descriptors == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::control
