package seal

import "strings"

// words are 256 short words that are hard to take for one another when they are read aloud: one for each byte.
var words = strings.Fields(`
acorn actor alarm album alley amber angel ankle apple apron arena armor arrow artist atlas attic
autumn bacon badge bagel baker bamboo banjo barrel basket beach beetle bell bench berry bishop blanket
blossom bottle bread breeze brick bridge brook bubble bucket bunny butter cabin cactus camel candle canoe
canyon carpet carrot castle cattle cedar cellar chain chalk cherry chess chimney circus citrus clay clock
cloud clover cobra cocoa coffee comet copper coral cotton cousin crab cradle crayon cricket crown crystal
cube curtain dagger daisy dancer desert diamond dinner doctor dolphin donkey dragon drum duck eagle easel
echo elbow ember engine falcon farmer feather fence ferry fiddle finger flame flute forest fossil fox
fridge frog galaxy garden garlic ghost giant ginger giraffe glacier glove goat guitar hammer harbor harp
hazel helmet heron hockey honey hotel husky iceberg igloo index ink iris island ivory jacket jaguar
jelly jigsaw jungle kayak kettle kidney kitten koala ladder lantern lemon leopard lilac lion lizard lobster
lotus magnet mango maple marble market melon meteor mirror monkey moose muffin museum napkin needle nest
nickel noodle nurse oasis ocean olive onion opera orbit otter owl oyster paddle palace panda parrot
pebble pelican pencil pepper piano picnic pigeon pilot pirate planet plum pocket poet pony potato prism
puzzle python quartz quilt rabbit radar radish raven ribbon river robot rocket saddle salmon sandal scarf
school scooter shadow silver sister spider spoon squid statue sugar summit sunset tailor temple thunder tiger
tomato tractor trumpet tulip tunnel turtle unicorn vacuum valley velvet violin volcano walnut window yogurt zebra
`)
