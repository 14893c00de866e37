module purser.test/say

go 1.22
